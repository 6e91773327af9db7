"""Second-order arrays as layers: the grid simulator's numbers, and gradients of all that is trained."""

import numpy as np
import pytest
import torch
from torch.func import functional_call

import cellnn
from cellnn.circuits.outputs import Saturation
from cellnn.devices.errors import InputError
from cellnn.diffusion.layers import Adaptive, ArrayDynamics, FixedSteps, SecondOrderCellNN, circuit_of, spec_of

from .test_same_as_the_simulator import BOUNDARIES, COLUMNS, ROWS, picture


def layer_of(channels=2, inputs=2, quality=2.0, **options):
    """RC = 1 us; it overshoots, at some cells beyond the output's corner."""
    generator = torch.Generator().manual_seed(2)
    common = {"voltage_unit": 0.4, "L": quality**2 * 1e-3, "output": Saturation(leak=0.02), "generator": generator}
    layer = SecondOrderCellNN(inputs, channels, **{**common, "stop": 4e-6, **options})
    with torch.no_grad():
        layer.z.uniform_(-0.5, 0.5, generator=generator)
        layer.dynamics.A.mul_(2)
        layer.B.mul_(2)
    return layer.double()


def simulated(circuit):
    """Final outputs and the states v and w at all saved times, normalised."""
    group, cell = cellnn.simulate(circuit)["layer"], circuit.arrays[0].cell
    states = np.stack([group["state"].values, cell.R * group["current"].values]) / cell.V1
    return group["output"].values[-1] / cell.V1, states


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("method, boundary", zip(("euler", "heun", "rk4", "rk4"), BOUNDARIES, strict=True))
def test_the_simulator_on_the_layers_spec_gives_its_numbers(method, boundary, fused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layer = layer_of(boundary=boundary, integration=FixedSteps(method, 16))
    layer.dynamics.fused = fused
    u = picture(2, ROWS, COLUMNS)
    expected, states = simulated(cellnn.load(spec_of(layer, ROWS, COLUMNS, input=u, file="w.safetensors")))
    assert np.abs(layer(u[None])[0].detach().numpy() - expected).max() < 1e-10
    ends = layer.dynamics.states(layer.feed(u[None]))[:, 0].detach().numpy()
    assert np.abs(ends - states[:, -1]).max() < 1e-10
    assert np.abs(states[1, -1]).max() > 0.1  # it still swings
    single = layer.float()(u[None].float())[0].detach().numpy()
    assert np.abs(single - expected).max() < 1e-5


def test_adaptive_steps_and_trajectories():
    layer = layer_of(integration=Adaptive("dopri5", rtol=1e-11, atol=1e-12))
    u = picture(2, ROWS, COLUMNS)
    expected, states = simulated(circuit_of(layer, u, save=5))
    assert np.abs(layer(u[None])[0].detach().numpy() - expected).max() < 1e-8
    found = layer.dynamics.trajectory(layer.feed(u[None]), 0.0, np.linspace(0, 4e-6, 5))[:, :, 0].detach().numpy()
    assert np.abs(np.moveaxis(found, 1, 0) - states).max() < 1e-8


@pytest.mark.parametrize("fused", [False, True], ids=["plain", "compiled"])
@pytest.mark.parametrize("method", ["euler", "heun", "rk4"])
def test_finite_differences(method, fused):
    """A, B, z, start, feed, C and L."""
    layer = layer_of(2, 1, trainable=("C", "L"), integration=FixedSteps(method, 4), boundary="periodic")
    layer.dynamics.fused = fused
    names, values = zip(*layer.named_parameters(), strict=True)
    u, start = picture(1, 1, 3, 3), 0.4 * picture(1, 2, 3, 3, seed=6)
    tensors = [value.detach().clone().requires_grad_() for value in (*values, u, start)]

    def output(*arguments):
        given = dict(zip(names, arguments[:-2], strict=True))
        return functional_call(layer, given, (arguments[-2], arguments[-1]))

    assert {"dynamics.quantities.C", "dynamics.quantities.L"} < set(names)
    assert torch.autograd.gradcheck(output, tensors, eps=1e-7, atol=1e-6, rtol=1e-5)


def test_both_states_have_gradients_and_compiled_ones_are_the_plain_ones():
    u, weights = picture(3, 2, 6, 5), torch.stack([picture(3, 2, 6, 5, seed=7), picture(3, 2, 6, 5, seed=8)])
    found = {}
    for fused in (False, True):
        layer = layer_of(trainable=("C", "L"), integration=FixedSteps("rk4", 5))
        layer.dynamics.fused = fused
        (layer.dynamics.states(layer.feed(u)) * weights).sum().backward()
        found[fused] = {name: value.grad for name, value in layer.named_parameters()}
    for name, plain in found[False].items():
        assert float(plain.abs().max()) > 0
        assert (found[True][name] - plain).abs().max() < 1e-10 * plain.abs().max(), name


def test_inductors_trained_per_channel_are_the_cells_own():
    layer = layer_of(3, 3, trainable=("C", "L"), integration=FixedSteps("heun", 12))
    with torch.no_grad():
        for name in ("C", "L"):
            layer.dynamics.quantities.get_parameter(name).uniform_(-0.3, 0.3)
    u = picture(2, 3, ROWS, COLUMNS)
    expected = cellnn.simulate(circuit_of(layer, u))["layer"]["output"].values[:, -1] / 0.4
    assert np.abs(layer(u).detach().numpy() - expected).max() < 1e-10
    with pytest.raises(InputError, match="one value for all channels"):
        spec_of(layer, ROWS, COLUMNS)


def test_what_there_is_to_train():
    with pytest.raises(InputError, match="C, L"):
        layer_of(trainable=("area",))
    with pytest.raises(InputError, match="second-order"):
        ArrayDynamics(2, cell=cellnn.circuits.cells.OpAmpCell())
