from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cellnn.devices.errors import InputError
from cellnn.diffusion.parameters.vectors import Collection, Layout, read_collection


def network() -> nn.Module:
    return nn.ModuleDict({"first": nn.Conv2d(1, 2, 3), "last": nn.Linear(4, 3)})


def test_vectors_are_the_chosen_numbers_in_the_networks_order():
    net = network()
    layout = Layout.chosen(net, ["last.bias", "first"])
    expected = np.concatenate([net[p].get_parameter(n).detach().numpy().ravel()
                               for p, n in (("first", "weight"), ("first", "bias"), ("last", "bias"))])  # fmt: skip
    assert layout.size == 18 + 2 + 3
    np.testing.assert_array_equal(layout.of(net).numpy(), expected)


def test_tensors_undo_vectors():
    layout = Layout({"a": (2, 3), "b": (4,)})
    vectors = torch.arange(50.0).reshape(5, 10)
    tensors = layout.tensors(vectors)
    assert tensors["a"].shape == (5, 2, 3)
    assert torch.equal(tensors["b"][2], torch.arange(26.0, 30.0))
    assert torch.equal(layout.vectors(tensors), vectors)


def test_a_name_that_fits_nothing_is_told():
    with pytest.raises(InputError, match=r"parameters\[1\].*did you mean last"):
        Layout.chosen(network(), ["first", "lasst"])
    with pytest.raises(InputError, match="firs"):  # a beginning of a name is not a part
        Layout.chosen(network(), ["firs"])


def test_a_collection_comes_back_from_its_file(tmp_path):
    layout = Layout({"a": (2,), "b.c": (1, 2)})
    kept = Collection(layout, torch.rand(3, 4), {"x": torch.ones(2)}, {"name": "n"})
    digest = kept.write(tmp_path / "c.safetensors")
    read, again = read_collection(tmp_path / "c.safetensors")
    assert again == digest and read.layout == layout
    assert torch.equal(read.vectors, kept.vectors) and torch.equal(read.base["x"], torch.ones(2))
    whole = (tmp_path / "c.safetensors").read_bytes()
    (tmp_path / "c.safetensors").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(InputError, match="damaged"):
        read_collection(tmp_path / "c.safetensors")
