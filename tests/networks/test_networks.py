"""The skeleton, its blocks, and their specs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from cellnn.circuits.array import CellArray
from cellnn.circuits.circuit import Circuit
from cellnn.circuits.spec.models import RunSpec
from cellnn.circuits.template import Template
from cellnn.devices.errors import InputError
from cellnn.diffusion.layers import Adaptive
from cellnn.diffusion.networks import NetworkSpec, build_network, parameter_count
from cellnn.diffusion.networks.blocks import CellBlock
from cellnn.diffusion.networks.embedding import time_waves
from cellnn.simulator.simulate import simulate

TAOX = {"circuit": "m-cellnn", "voltage_unit": "0.1V", "memristor": {"model": "strachan-taox", "x0": 0.05}}
SPECS = {
    "conv": {"block": "conv"},
    "cellnn": {"block": "cellnn", "cell": {"circuit": "chua-yang"}},
    "m-cellnn": {"block": "m-cellnn", "cell": TAOX, "trainable": ["C", "area", "x0"]},
    "residual": {"block": "residual"},
    "second-order": {"block": "second-order"},
}


def spec(block: str, **more: object) -> NetworkSpec:
    return NetworkSpec.model_validate({**SPECS[block], "channels": [8, 12], "embedding": 16, **more})


def waken(network: torch.nn.Module) -> None:
    """Some weights start at zero, which would hide everything behind them."""
    for parameter in network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)


@pytest.mark.parametrize("block", SPECS)
@pytest.mark.parametrize(("picture", "classes"), [((1, 12, 8), None), ((3, 8, 8), 10)])
def test_a_prediction_has_the_shape_of_the_picture(block, picture, classes):
    torch.manual_seed(0)
    network = build_network(spec(block), picture, classes)
    waken(network)
    x, t = torch.randn(3, *picture), torch.tensor([0.1, 0.5, 1.0])
    label = None if classes is None else torch.tensor([0, 9, classes])
    found = network(x, t, label)
    assert found.shape == x.shape
    found.square().mean().backward()
    silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent in ([], ["condition.of_class.weight"])


@pytest.mark.parametrize("block", SPECS)
def test_time_and_class_matter(block):
    torch.manual_seed(0)
    network = build_network(spec(block), (1, 8, 8), 10).eval()
    waken(network)
    x = torch.randn(1, 1, 8, 8)

    def out(t: float, label: int) -> torch.Tensor:
        return network(x, torch.tensor([t]), torch.tensor([label])).detach()

    assert not torch.equal(out(0.2, 3), out(0.7, 3))
    assert not torch.equal(out(0.2, 3), out(0.2, 4))
    assert torch.equal(out(0.2, 10), network(x, torch.tensor([0.2])).detach())  # no class


def test_parameters_are_matched():
    target, counts = 60_000, {}
    for block in SPECS:
        channels = [8, 12] if block == "residual" else [16, 24]  # it has more blocks
        network = build_network(spec(block, channels=channels, parameters=target), (1, 28, 28), 10)
        counts[block] = parameter_count(network)
    assert all(abs(count - target) / target < 0.02 for count in counts.values()), counts
    with pytest.raises(InputError, match="network.parameters"):
        build_network(spec("conv", parameters=100), (1, 28, 28), 10)


def test_the_baseline_starts_as_the_way_around():
    torch.manual_seed(0)
    network = build_network(spec("conv"), (1, 8, 8), None)
    h = torch.randn(2, 8, 8, 8)
    assert torch.equal(network.down[0](h, torch.randn(2, 16)), h)


@pytest.mark.parametrize("block", ["cellnn", "m-cellnn"])
def test_a_block_in_use_is_an_array_with_one_template(block):
    """Norm, gain and bias folded into B and z: the grid simulator's result is the block's."""
    torch.manual_seed(1)
    network = build_network(spec(block), (1, 8, 8), None).double()
    for module in network.modules():
        if isinstance(module, CellBlock):
            for norm in (module.norm, module.readout):
                torch.nn.init.normal_(norm.weight)
                torch.nn.init.normal_(norm.bias)
    network(torch.randn(16, 1, 8, 8).double(), torch.rand(16).double())  # statistics of a batch
    network.eval()
    cells = network.down[1]
    cells.dynamics.integration = Adaptive("dopri5", rtol=1e-9, atol=1e-11)
    u, condition = torch.rand(1, 8, 6, 7).double() * 2 - 1, torch.randn(1, 16).double()
    numbers = {key: value.numpy() for key, value in cells.template(condition).items()}
    cell = cells.dynamics.cell
    x0 = 0.05 if block == "m-cellnn" else None
    array = CellArray("block", cell, Template.of(**numbers, channels=12), cells.dynamics.boundary, 6, 7, 0.0, x0)
    run = RunSpec.model_validate({"stop": cells.dynamics.stop, "rtol": 1e-9, "atol": 1e-12, "save": 2})
    result = simulate(Circuit("block", (array,), u[0].numpy(), run, {"mismatch": 0, "noise": 1}))
    gain, offset = (values[:, None, None].numpy() for values in cells.readout_of_channels())
    y = gain * result["block"]["output"].values[-1] / cell.V1 + offset
    expected = (cells(u, condition) - cells.around(u)).detach().numpy()[0]
    assert np.abs(y - expected).max() < 1e-7 * max(1.0, np.abs(expected).max())
    assert np.abs(expected).max() > 0.1


def test_time_waves_are_those_of_ddpm():
    t = torch.tensor([0.001, 0.5, 1.0], dtype=torch.float64)
    waves = time_waves(t, 8)
    for row, step in zip(waves, (1.0, 500.0, 1000.0), strict=True):
        angles = [step * math.exp(-math.log(10000.0) * k / 3) for k in range(4)]
        expected = [*map(math.sin, angles), *map(math.cos, angles)]
        assert row.tolist() == pytest.approx(expected, abs=2e-4)  # rates are single precision


def test_the_plan_of_integration():
    plan = [{"method": "euler", "steps": 2, "until": 0.5}, {"method": "rk4", "steps": 3}]
    network = build_network(spec("cellnn", integration=plan), (1, 8, 8), None)
    how = [m.dynamics for m in network.modules() if isinstance(m, CellBlock)]
    for share, method in ((1.0, "rk4"), (0.0, "euler"), (0.49, "euler"), (0.5, "rk4")):
        network.integrate_as_at(share)
        assert {dynamics.integration.method for dynamics in how} == {method}


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"block": "convolution"}, "block"),
        ({"block": "conv", "cell": {"circuit": "chua-yang"}}, "cell"),
        ({"block": "cellnn"}, "cell"),
        ({"block": "m-cellnn", "cell": {"circuit": "chua-yang"}}, "cell.circuit"),
        ({"block": "cellnn", "cell": {"circuit": "chua-yang"}, "trainable": ["x0"]}, "trainable"),
        ({"block": "cellnn", "cell": {"circuit": "chua-yang"}, "integration": {"method": "magic"}}, "integration"),
        ({"block": "cellnn", "cell": {"circuit": "chua-yang"}, "integration": [{"until": 0.5}]}, "integration"),
        ({"block": "cellnn", "cell": {"circuit": "chua-yang"}, "dropout": 0.1}, "dropout"),
        ({"block": "m-cellnn", "cell": {**TAOX, "memristor": {"model": "strachan-taox", "x0": "a.png"}}}, "cell."),
        ({"block": "conv", "chanels": [8]}, "chanels"),
        ({"block": "conv", "channels": []}, "channels"),
        ({"block": "conv", "solver": {"method": "rk4"}}, "solver"),
        ({"block": "conv", "attention": [7]}, "attention"),
        ({"block": "second-order", "depth": 2}, "depth"),
        ({"block": "second-order", "channels": [8, 9]}, "channels"),
        ({"block": "second-order", "dropout": 0.1}, "dropout"),
        ({"block": "second-order", "solver": {"method": "rk5"}}, "solver.method"),
        ({"block": "second-order", "solver": {"method": "rk4", "atol": 0.1}}, "solver.atol"),
        ({"block": "residual", "stop": "1us"}, "stop"),
    ],
)
def test_bad_networks_are_named(given, place):
    from pydantic import ValidationError

    from cellnn.circuits.spec.messages import input_error

    with pytest.raises((ValidationError, InputError)) as caught:
        NetworkSpec.model_validate(given)
    error = caught.value
    assert place in str(input_error(error) if isinstance(error, ValidationError) else error)


def test_pictures_that_do_not_halve_are_refused():
    with pytest.raises(InputError, match="network.channels"):
        build_network(spec("conv", channels=[8, 8, 8]), (1, 10, 12), None)
