"""Networks whose blocks are second-order arrays: what a config may say, and that all of it is trained."""

import pytest
import torch

from cellnn.diffusion.networks import NetworkSpec, build_network

CELL = {"circuit": "second-order", "L": "2mH", "output": {"kind": "rectifier", "leak": 0.01}}
SPEC = {"block": "second-order-cellnn", "cell": CELL, "channels": [4, 6], "embedding": 16, "trainable": ["C", "L"]}


def test_every_parameter_is_trained():
    torch.manual_seed(0)
    network = build_network(NetworkSpec.model_validate(SPEC), (1, 8, 8), None)
    torch.nn.init.normal_(network.last.weight)
    y = network(torch.randn(5, 1, 8, 8), torch.rand(5))
    y.square().sum().backward()
    for name, value in network.named_parameters():
        assert value.grad is not None and bool(value.grad.any()), name
    assert sum("quantities.L" in name for name, _ in network.named_parameters()) == 5


@pytest.mark.parametrize(
    "change, place",
    [
        ({"cell": {"circuit": "chua-yang"}}, "cell.circuit"),
        ({"trainable": ["area"]}, "trainable"),
        ({"block": "cellnn", "cell": {"circuit": "chua-yang"}}, "trainable"),
        ({"cell": {**CELL, "memristor": {"model": "strachan-taox"}}}, "memristor"),
        ({"dropout": 0.1}, "dropout"),
    ],
)
def test_what_does_not_fit_is_refused(change, place):
    with pytest.raises(ValueError, match=rf"{place}: got"):
        NetworkSpec.model_validate({**SPEC, **change})
