"""Files of tensors: whole, exact, and known when they are not."""

import os

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.torch import load_file

from cellnn.devices.errors import InputError
from cellnn.diffusion.training import tensor_files
from cellnn.diffusion.training.tensor_files import read_tensors, write_tensors

from .conftest import same_bits

TENSORS = {
    "b/whole": torch.tensor(7),
    "a/double": torch.linspace(0, 1, 5, dtype=torch.float64).reshape(5, 1),
    "a/turned": torch.arange(6.0).reshape(2, 3).T,
    "a/half": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "a/none": torch.zeros(0, 3),
}
ABOUT = {"step": 3, "name": "\u00e9t\u00e9", "list": [1, None, 0.1]}


def test_what_is_read_is_what_was_written(tmp_path):
    path = tmp_path / "t.safetensors"
    digest = write_tensors(path, TENSORS, ABOUT)
    tensors, about, found = read_tensors(path)
    assert same_bits(tensors, TENSORS) and about == ABOUT and found == digest and len(digest) == 64
    assert same_bits(load_file(path), TENSORS)  # by the library alone too
    write_tensors(tmp_path / "again.safetensors", dict(reversed(TENSORS.items())), ABOUT)
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()
    assert write_tensors(path, TENSORS | {"b/whole": torch.tensor(8)}, ABOUT) != digest


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_seen_and_nothing_else_is_raised(data, tmp_path):
    path = tmp_path / "t.safetensors"
    write_tensors(path, TENSORS, ABOUT)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    try:
        tensors, about, _ = read_tensors(path)
    except InputError as error:
        assert "damaged" in str(error) and str(path) in str(error)
    else:  # a bit that means nothing, such as an unused entry's
        assert same_bits(tensors, TENSORS) and about == ABOUT


def test_what_is_no_file_of_ours(tmp_path):
    (tmp_path / "text").write_text("hello")
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "text", "pipe", "."):
        with pytest.raises(InputError):
            read_tensors(tmp_path / name)


def test_a_full_disk_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "t.safetensors"
    write_tensors(path, TENSORS, ABOUT)
    before = path.read_bytes()

    def full(tensors, name, metadata):
        raise SafetensorError("Error while serializing: I/O error: No space left on device")

    monkeypatch.setattr(tensor_files, "save_file", full)
    with pytest.raises(InputError, match="a file that can be written"):
        write_tensors(path, TENSORS, ABOUT)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1
