"""Gradients equal finite differences, adjoint ones direct ones, and those of the compiled steps the plain ones."""

import numpy as np
import pytest
import torch
from torch.func import functional_call

import cellnn
from cellnn.circuits.outputs import Rectifier, Saturation
from cellnn.devices.registry import make_memristor
from cellnn.diffusion.layers import Adaptive, ArrayDynamics, CellNN, FixedSteps, MCellNN

from .test_same_as_the_simulator import BOUNDARIES, layer_of, picture

ALL = ("C", "V1", "area", "x0")


def trained(kind):
    return ALL if "taox" in kind else ("C",)


def gradients(layer, u, start, weights):
    """Of sum weights y by everything that goes in, by name."""
    layer.zero_grad()
    u = u.clone().requires_grad_()
    start = start.clone().requires_grad_() if isinstance(start, torch.Tensor) else start
    y = layer(u, start=start)
    (y * weights).sum().backward()
    found = {name: value.grad.clone() for name, value in layer.named_parameters()} | {"u": u.grad}
    return y.detach(), found | ({"start": start.grad} if isinstance(start, torch.Tensor) else {})


@pytest.mark.parametrize("fused", [False, True], ids=["plain", "compiled"])
@pytest.mark.parametrize("method", ["euler", "heun", "rk4", "dopri5"])
@pytest.mark.parametrize("kind", ["plain", "taox 0.1 V", "taox 0.5 V"])
def test_finite_differences(kind, method, fused):
    """A, B, z, start, feed, C, V1, area and x0, at states off the kinks of the output."""
    options = {"boundary": BOUNDARIES[len(method) % 4], "trainable": trained(kind), "stop": 1e-6}
    if kind == "taox 0.5 V":
        options["stop"] = 3e-7  # memristors on their way, not at their end
    layer = layer_of(kind, 2, 1, seed=3, integration=FixedSteps(method, 2 if method == "dopri5" else 3), **options)
    layer.dynamics.fused = fused
    names, values = zip(*layer.named_parameters(), strict=True)
    u, start = picture(1, 1, 3, 3), 0.4 * picture(1, 2, 3, 3, seed=6)
    tensors = [value.detach().clone().requires_grad_() for value in (*values, u, start)]

    def output(*arguments):
        given = dict(zip(names, arguments[:-2], strict=True))
        return functional_call(layer, given, (arguments[-2], arguments[-1]))

    assert {"dynamics.A", "B", "z"} < set(names) and len(names) == 3 + len(trained(kind))
    assert torch.autograd.gradcheck(output, tensors, eps=1e-7, atol=1e-6, rtol=1e-5)
    if kind == "taox 0.5 V":
        states = layer.dynamics.states(layer.feed(u), start)
        assert (states[1] - 0.1).abs().max() > 1e-3, "memristors that do not move test nothing"


def test_what_cannot_move_has_no_gradient():
    """dy/dx0 is that of a resistor's conductance below the threshold: by hand, after one Euler step."""
    layer = layer_of("taox 0.1 V", 1, 1, trainable=ALL, integration=FixedSteps("euler", 2), stop=2e-7)
    u = picture(1, 1, 2, 2)
    layer(u).sum().backward()
    h, C, area, V1 = 1e-7, 1e-9, 0.02, 0.1
    feed = layer.feed(u).detach()
    s1 = h / 1e-6 * feed
    v = (V1 * s1).double()
    slope = v * (0.025 - 7.2e-6 * torch.exp(4.7 * v.abs().sqrt()))  # di/dx of Strachan's memristor
    raw = (-h * area / (C * V1) * slope).sum() * 0.1 * 0.9  # dx0/dt of the logistic function at 0.1
    assert float(layer.dynamics.quantities.get_parameter("x0").grad) == pytest.approx(float(raw), rel=1e-8)


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("method", ["euler", "heun", "rk4", "bs3"])
@pytest.mark.parametrize("kind", ["plain", "taox 0.1 V", "taox 0.5 V"])
def test_compiled_steps_equal_plain_ones(kind, method, boundary):
    u, weights = picture(3, 2, 6, 5), picture(3, 2, 6, 5, seed=7)
    for start in (None, 0.3 * picture(3, 2, 6, 5, seed=8)):
        options = {"boundary": boundary, "trainable": trained(kind), "stop": 1e-6 if kind == "taox 0.5 V" else 2e-6}
        layer = layer_of(kind, integration=FixedSteps(method, 5), **options).float()  # all run with these numbers
        found = {}
        for dtype in (torch.float64, torch.float32):
            layer.to(dtype)
            given = [value if value is None else value.float().to(dtype) for value in (u, start, weights)]
            for fused in (False, True):
                layer.dynamics.fused = fused
                y, slopes = gradients(layer, *given)
                found[dtype, fused] = {"y": y.double()} | {name: value.double() for name, value in slopes.items()}
        assert found[torch.float64, True].keys() == found[torch.float64, False].keys()
        for name, exact in found[torch.float64, False].items():
            largest = exact.abs().max()
            assert largest > 0, name
            assert (found[torch.float64, True][name] - exact).abs().max() <= 1e-9 * largest, name
            # memristors that switch multiply single rounding by tens of thousands, in either path
            close = 1e-2 if kind == "taox 0.5 V" else 1e-5
            assert (found[torch.float32, True][name] - exact).abs().max() <= close * largest, name


@pytest.mark.parametrize(
    "memristor, stage",
    [("yakopcic", Saturation(0.1)), ("vteam", Rectifier(0.02)), ("threshold", Saturation())],
    ids=lambda value: getattr(value, "name", value),
)
def test_other_memristors_and_outputs(memristor, stage):
    generator = torch.Generator().manual_seed(1)
    layer = MCellNN(
        2, 2, memristor=make_memristor(memristor, {}), voltage_unit=0.2, output=stage, stop=5e-7, x0=0.3,
        trainable=ALL, integration=FixedSteps("heun", 4), generator=generator,
    ).double()  # fmt: skip
    u, weights = picture(2, 2, 5, 5), picture(2, 2, 5, 5, seed=7)
    layer.dynamics.fused = False
    expected, plain = gradients(layer, u, None, weights)
    layer.dynamics.fused = True
    found, ours = gradients(layer, u, None, weights)
    assert (found - expected).abs().max() < 1e-12
    for name, value in plain.items():
        assert (ours[name] - value).abs().max() <= 1e-10 * value.abs().max(), name


def test_adjoint_and_direct_gradients_agree():
    """In the linear range: at a corner of the output every step is an error, and neither gradient is that accurate."""
    layer = layer_of("taox 0.1 V", trainable=ALL, stop=5e-7, integration=Adaptive("dopri5", 1e-10, 1e-11))
    u, start, weights = picture(2, 2, 4, 4), 0.2 * picture(2, 2, 4, 4, seed=8), picture(2, 2, 4, 4, seed=7)
    assert layer.dynamics.states(layer.feed(u), start)[0].abs().max() < 1.0
    expected, direct = gradients(layer, u, start, weights)
    layer.dynamics.integration = Adaptive("dopri5", 1e-10, 1e-11, adjoint=True)
    found, adjoint = gradients(layer, u, start, weights)
    assert torch.equal(found, expected)
    for name, value in direct.items():
        assert (adjoint[name] - value).abs().max() < 1e-5 * value.abs().max(), name


def test_checkpoints_change_nothing():
    u, start, weights = picture(2, 2, 4, 4), 0.3 * picture(2, 2, 4, 4, seed=8), picture(2, 2, 4, 4, seed=7)
    layer = layer_of("taox 0.5 V", trainable=ALL, stop=5e-7, integration=FixedSteps("heun", 7, checkpoint=True))
    found, ours = gradients(layer, u, start, weights)
    layer.dynamics.integration, layer.dynamics.fused = FixedSteps("heun", 7), False
    expected, plain = gradients(layer, u, start, weights)
    assert torch.equal(found, expected)
    for name, value in plain.items():
        assert torch.equal(ours[name], value), name


def test_checkpoints_keep_few_states():
    """What a backward pass holds: with checkpoints about as much at 64 steps as at 8, without eight times as much."""
    held = {}
    for steps in (8, 64):
        for checkpoint in (False, True):
            integration = FixedSteps("heun", steps, checkpoint=checkpoint)
            layer = layer_of("plain", stop=1e-7 * steps, integration=integration)
            layer.dynamics.fused = False
            most = now = 0

            def pack(tensor):
                nonlocal now, most
                now += 1
                most = max(most, now)
                return Counted(tensor)

            class Counted:
                def __init__(self, tensor):
                    self.tensor = tensor

                def __del__(self):
                    nonlocal now
                    now -= 1

            with torch.autograd.graph.saved_tensors_hooks(pack, lambda counted: counted.tensor):
                y = layer(picture(1, 2, 4, 4))
                y.sum().backward()
            held[steps, checkpoint] = most
    assert held[64, False] > 6 * held[8, False]
    assert held[64, True] < 2.5 * held[8, True]


def test_threads_change_no_bit_of_the_sweeps():
    """The sweeps' own results; torch's weight gradients may be summed in another order."""
    threads = torch.get_num_threads()
    results = []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            layer = layer_of("taox 0.5 V", 6, 6, stop=5e-7, trainable=ALL, integration=FixedSteps("heun", 2)).float()
            layer.dynamics.A = torch.nn.Parameter(torch.eye(6)[:, :, None, None])  # of one weight: no sum to reorder
            u = picture(20, 6, 24, 24).float()
            weights = picture(20, 6, 24, 24, seed=7).float()
            y, found = gradients(layer, u, None, weights)
            results.append([y, found["z"], *(found[f"dynamics.quantities.{name}"] for name in ALL)])
    finally:
        torch.set_num_threads(threads)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_a_second_backward_pass_and_none_at_all():
    layer = layer_of("plain", integration=FixedSteps("heun", 3))
    u = picture(2, 2, 4, 4).requires_grad_()
    y = layer(u)
    (first,) = torch.autograd.grad(y.sum(), u, retain_graph=True)
    (layer(2 * u)).sum().backward()  # another run in between
    (second,) = torch.autograd.grad(y.sum(), u)
    assert torch.equal(first, second)
    with torch.no_grad():
        assert torch.equal(layer(u), y)


def test_second_derivatives_are_right_or_refused():
    """Of plain steps they are those of finite differences; compiled ones must not pass for constants."""
    layer = layer_of("taox 0.1 V", 2, 1, stop=5e-7, integration=FixedSteps("heun", 2))
    u = (0.3 * picture(1, 1, 2, 2)).requires_grad_()
    layer.dynamics.fused = False
    assert torch.autograd.gradgradcheck(layer, (u,), atol=1e-7, rtol=1e-4)
    layer.dynamics.fused = True
    with pytest.raises(cellnn.InputError, match="create_graph.*fused = False"):
        torch.autograd.grad(layer(u).sum(), u, create_graph=True)


def test_states_that_are_not_finite_are_a_failure():
    """Nor may the compiled steps' bound on single precision's rates let them pass."""
    for fused in (False, True):
        layer = CellNN(1, 1, output=Rectifier(), stop=1e-3, integration=FixedSteps("rk4", 200))
        layer.dynamics.fused = fused
        with torch.no_grad():
            layer.dynamics.A.fill_(4.0)
            layer.z.fill_(1.0)
        with pytest.raises(cellnn.SimulationError, match="not finite.*more steps"):
            layer(torch.ones(1, 1, 4, 4))


def test_bad_input():
    bad = [
        (lambda: FixedSteps("eular"), r"method: got 'eular'.*euler"),
        (lambda: FixedSteps(steps=0), "steps: got 0"),
        (lambda: Adaptive("rk4"), "method: got 'rk4'"),
        (lambda: Adaptive(rtol=float("nan")), "rtol: got nan"),
        (lambda: CellNN(1, 1, kernel=4), "kernel: got 4.*odd"),
        (lambda: CellNN(1, 1, trainable=("area",)), "trainable: got 'area'"),
        (lambda: CellNN(1, 1, trainable=("V1",)), "trainable: got 'V1'"),
        (lambda: CellNN(1, 1, boundary="mirror"), "got 'mirror'"),
        (lambda: CellNN(1, 1, stop=-1.0), "stop: got -1.0"),
        (lambda: CellNN(1, 3, groups=2), "groups: got 2"),
        (lambda: MCellNN(1, 2, x0=[0.1, 0.2, 0.3]), "x0: got '3 values'"),
        (lambda: MCellNN(1, 2, x0=1.5), "x0: got 1.5"),
        (lambda: MCellNN(1, 1, x0=1.0, trainable=("x0",)), "x0: got 1.0.*trained"),
        (lambda: MCellNN(1, 1, area=0.0, trainable=("area",)), "area: got 0.0"),
        (lambda: CellNN(2, 1)(torch.zeros(1, 3, 4, 4)), r"u: got \(1, 3, 4, 4\)"),
        (lambda: CellNN(1, 2)(torch.zeros(1, 1, 4, 4), gain=torch.ones(1, 3)), "gain"),
        (lambda: ArrayDynamics(2)(torch.zeros(1, 2, 4, 4).double()), "feed: got 'torch.float64"),
        (lambda: ArrayDynamics(2)(torch.zeros(1, 2, 4, 4), torch.zeros(2, 4, 4)), "start"),
        (lambda: ArrayDynamics(1).trajectory(torch.zeros(1, 1, 4, 4), 0.0, [1e-6, 1e-6]), "times"),
    ]
    for call, message in bad:
        with pytest.raises(cellnn.InputError, match=message):
            call()


def test_trained_quantities_stay_in_their_range():
    layer = layer_of("taox 0.1 V", trainable=ALL)
    for far in (-1e3, 1e3):
        with torch.no_grad():
            for name in ALL:
                layer.dynamics.quantities.get_parameter(name).fill_(far)
        now = layer.dynamics.quantities.now()
        factor = 10.0 if far > 0 else 0.1
        assert np.allclose(now["C"], 1e-9 * factor) and np.allclose(now["area"], 0.02 * factor)
        assert np.allclose(now["V1"], 0.1 * factor) and all(0.0 <= x <= 1.0 for x in now["x0"])
