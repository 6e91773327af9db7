"""A layer is a circuit: the grid simulator, run on the layer's spec, gives the layer's numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import cellnn
from cellnn.circuits.outputs import Saturation
from cellnn.diffusion.layers import Adaptive, ArrayDynamics, CellNN, FixedSteps, MCellNN, circuit_of, spec_of

BOUNDARIES = ["zero-flux", "periodic", {"fixed": 0.0}, {"fixed": -0.7}]
METHODS = {"euler": 24, "heun": 12, "rk4": 8}
ROWS, COLUMNS = 5, 6


def layer_of(kind, channels=2, inputs=2, kernel=3, seed=0, **options):
    generator = torch.Generator().manual_seed(seed)
    common = {"kernel": kernel, "output": Saturation(leak=0.02), "generator": generator, **options}
    if kind == "plain":
        layer = CellNN(inputs, channels, **common)
    else:
        volts = {"taox 0.1 V": 0.1, "taox 0.5 V": 0.5}[kind]
        x0 = np.linspace(0.1, 0.12, channels).tolist()
        layer = MCellNN(inputs, channels, voltage_unit=volts, area=0.02, x0=x0, **common)
    with torch.no_grad():
        layer.z.uniform_(-0.5, 0.5, generator=generator)
        if kind == "taox 0.5 V":  # enough to move memristors, up to their end
            layer.z.add_(2.0)
        layer.dynamics.A.mul_(2)
        layer.B.mul_(2)
    return layer.double()


def picture(*shape, seed=5):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 - 1


def simulated(spec_or_circuit):
    """The final outputs, and the states at all saved times, normalised."""
    circuit = spec_or_circuit if hasattr(spec_or_circuit, "arrays") else cellnn.load(spec_or_circuit)
    group = cellnn.simulate(circuit)["layer"]
    V1 = circuit.arrays[0].cell.V1
    names = ["state", "memristor"] if "memristor" in group else ["state"]
    states = np.stack([group[name].values / (V1 if name == "state" else 1.0) for name in names])
    return group["output"].values[-1] / V1, states


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("kind", ["plain", "taox 0.1 V", "taox 0.5 V"])
@pytest.mark.parametrize("method", METHODS)
def test_spec_of(kind, boundary, method, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    channels = 1 + (len(kind) + len(method)) % 3
    steps = FixedSteps(method, METHODS[method])
    layer = layer_of(kind, channels, inputs=channels, boundary=boundary, integration=steps)
    u = picture(channels, ROWS, COLUMNS)
    spec = spec_of(layer, ROWS, COLUMNS, input=u, file="weights.safetensors", prefix="block1")
    expected, states = simulated(spec)
    found = layer(u[None])[0].detach().numpy()
    assert np.abs(found - expected).max() < 1e-10
    ends = layer.dynamics.states(layer.feed(u[None]))[:, 0].detach().numpy()
    assert np.abs(ends - states[:, -1]).max() < 1e-10
    assert np.abs(states[:, -1] - states[:, 0]).max() > 0.1
    if kind == "taox 0.5 V":
        assert np.abs(states[1, -1] - states[1, 0]).max() > 0.05, "memristors that do not move test nothing"
    single = layer.float()(u[None].float())[0].detach().numpy()
    assert np.abs(single - expected).max() < 1e-5


@pytest.mark.parametrize(
    "kind, stop, rtol, bar, reached",
    [
        ("plain", 2e-6, 1e-12, 1e-9, None),
        ("taox 0.1 V", 2e-6, 1e-12, 1e-9, (0.12, 0.121)),
        ("taox 0.5 V", 4e-7, 1e-12, 1e-9, (0.5, 0.8)),  # memristors in the middle of their switching
        ("taox 0.5 V", 5e-7, 1e-5, 1e-4, (0.99, 1.0)),  # .. and at its end, where they are stiff and steps become many
    ],
)
def test_adaptive_steps(kind, stop, rtol, bar, reached):
    layer = layer_of(kind, stop=stop, integration=Adaptive("dopri5", rtol=rtol, atol=rtol / 10))
    u = picture(2, ROWS, COLUMNS)
    circuit = circuit_of(layer, u)
    assert (circuit.run.method, circuit.run.rtol, circuit.run.atol) == ("dopri5", rtol, rtol / 10)
    exact = circuit.run.model_copy(update={"rtol": 1e-12, "atol": 1e-13})
    expected, states = simulated(replace(circuit, run=exact))
    assert np.abs(layer(u[None])[0].detach().numpy() - expected).max() < bar
    if reached:
        assert reached[0] <= states[1, -1].max() <= reached[1]


def test_bias_gain_start_and_kernels_of_five():
    layer = layer_of("plain", kernel=5, start_kernel=3, boundary="periodic", integration=FixedSteps("rk4", 4))
    u = picture(2, 4, 3)  # a kernel that reaches around the array
    bias, gain = picture(1, 2, seed=1), picture(1, 2, seed=2)
    expected, _ = simulated(circuit_of(layer, u, bias=bias, gain=gain))
    assert np.abs(layer(u[None], bias=bias, gain=gain)[0].detach().numpy() - expected).max() < 1e-10
    start = picture(2, 4, 3, seed=3)
    expected, _ = simulated(circuit_of(layer, u, start=start))
    assert np.abs(layer(u[None], start=start[None])[0].detach().numpy() - expected).max() < 1e-10


def test_quantities_trained_per_channel_become_the_cells_own():
    layer = layer_of("taox 0.5 V", 3, 3, trainable=("C", "area", "V1", "x0"), integration=FixedSteps("heun", 8))
    with torch.no_grad():
        for name in ("C", "area", "V1", "x0"):
            layer.dynamics.quantities.get_parameter(name).uniform_(
                -0.3, 0.3, generator=torch.Generator().manual_seed(9)
            )
    u = picture(2, 3, ROWS, COLUMNS)
    expected = cellnn.simulate(circuit_of(layer, u))["layer"]["output"].values[:, -1]
    V1 = layer.dynamics.quantities.now()["V1"][0]
    assert V1 != 0.5
    assert np.abs(layer(u).detach().numpy() - expected / V1).max() < 1e-10
    with pytest.raises(cellnn.InputError, match="one value for all channels"):
        spec_of(layer, ROWS, COLUMNS)


def test_trajectories_at_saved_times():
    layer = layer_of("taox 0.5 V", integration=FixedSteps("rk4", 8))
    u = picture(2, ROWS, COLUMNS)
    circuit = circuit_of(layer, u, save=7)
    _, expected = simulated(circuit)
    times = np.linspace(0, 2e-6, 7)
    found = layer.dynamics.trajectory(layer.feed(u[None]), 0.0, times)[:, :, 0].detach().numpy()
    assert np.abs(np.moveaxis(found, 1, 0) - expected).max() < 1e-10


def test_groups_are_blocks_of_the_template():
    generator = torch.Generator().manual_seed(4)
    layer = CellNN(2, 4, groups=2, generator=generator, integration=FixedSteps("heun", 4)).double()
    u = picture(2, ROWS, COLUMNS)
    circuit = circuit_of(layer, u)
    assert (circuit.arrays[0].template.A[:2, 2:] == 0).all() and circuit.arrays[0].template.A[3, 2].any()
    expected, _ = simulated(circuit)
    assert np.abs(layer(u[None])[0].detach().numpy() - expected).max() < 1e-10


def test_a_feed_of_its_own_in_every_cell():
    from cellnn.circuits.circuit import Circuit
    from cellnn.circuits.spec.models import RunSpec
    from cellnn.diffusion.layers import array_of, run_of

    dynamics = ArrayDynamics(2, integration=FixedSteps("rk4", 6), generator=torch.Generator().manual_seed(1)).double()
    feed = picture(3, 2, ROWS, COLUMNS)
    array = array_of(dynamics, ROWS, COLUMNS, feed=feed)
    run = RunSpec.model_validate(run_of(dynamics))
    circuit = Circuit("layer", (array,), np.zeros((3, 2, ROWS, COLUMNS)), run, {})
    expected = cellnn.simulate(circuit)["layer"]["output"].values[:, -1]
    assert np.abs(dynamics(feed).detach().numpy() - expected).max() < 1e-10
