"""Gradients through the adjoint equation, and the memory they ask for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cellnn.diffusion.continuous import SecondOrder, Solver, counted_evaluations
from cellnn.diffusion.continuous.acceleration import Acceleration
from cellnn.diffusion.continuous.memory import adjoint_memory, kept_for_backward
from cellnn.diffusion.networks import NetworkSpec, build_network

STEPS = (1, 2, 4, 8)


def gradients(solver: dict[str, object]) -> torch.Tensor:
    """Of a whole network's loss by every weight, in double precision."""
    given = {"block": "second-order", "channels": [4], "embedding": 8, "attention": [4], "solver": solver}
    torch.manual_seed(0)
    network = build_network(NetworkSpec.model_validate(given), (1, 4, 4), 3).double()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    x, t, label = torch.randn(3, 1, 4, 4).double(), torch.rand(3).double(), torch.tensor([0, 1, 3])
    network(x, t, label).square().mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    return torch.cat([parameter.grad.flatten() for parameter in network.parameters()])


def test_adjoint_and_direct_gradients_are_equal_within_the_solver_s_tolerance():
    exact = gradients({"method": "dopri5", "rtol": 1e-9, "atol": 1e-11})
    size = exact.abs().max()
    for rtol, allowed in ((1e-4, 1e-3), (1e-8, 1e-6)):
        found = gradients({"method": "dopri5", "rtol": rtol, "atol": rtol / 100, "adjoint": True})
        assert (found - exact).abs().max() / size < allowed


def test_with_fixed_steps_the_two_meet_with_the_solver_s_order():
    """The adjoint integrates z back instead of remembering it: the difference is the solver's own error."""
    apart = []
    for steps in (4, 8):
        direct, adjoint = (gradients({"method": "rk4", "steps": steps, "adjoint": which}) for which in (False, True))
        apart.append(float((direct - adjoint).abs().max()))
    assert np.log2(apart[0] / apart[1]) > 3.5


def test_gradients_are_those_of_finite_differences():
    torch.manual_seed(1)
    layer = SecondOrder(Acceleration(1, 1), Solver(method="midpoint", steps=2)).double()
    torch.nn.init.normal_(layer.acceleration.kernel.weight)
    shapes = (1, 2, 3, 3), (1, 2, 1, 1), (1, 2, 1, 1)
    tensors = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(layer, tensors)


def test_memory_is_constant_with_the_adjoint_and_linear_without():
    rows = adjoint_memory(STEPS, channels=2, size=6, batch=2)
    assert [row["steps"] for row in rows] == list(STEPS)
    assert len({row["adjoint_bytes"] for row in rows}) == 1
    direct = np.array([row["direct_bytes"] for row in rows])
    slopes = np.diff(direct) / np.diff(STEPS)
    assert np.ptp(slopes) <= 0.01 * slopes[0] and slopes[0] > rows[0]["adjoint_bytes"] / 4
    differences = [row["gradient_difference"] for row in rows]
    assert differences == sorted(differences, reverse=True) and 0.0 < differences[-1] < differences[0] / 8


def test_what_is_kept_is_counted():
    a = torch.randn(1000, requires_grad=True)
    b = torch.randn(1000)
    assert kept_for_backward(lambda: (a * b).sum()) == 4000  # b alone: its gradient is not asked for
    assert kept_for_backward(lambda: (a * a[:]).sum()) == 4000  # one storage
    assert kept_for_backward(lambda: (a.exp() * b).sum()) == 8000


@pytest.mark.parametrize(("adjoint", "backward"), [(False, 0), (True, 4)])
def test_the_adjoint_asks_for_f_again(adjoint, backward):
    solver = Solver(method="midpoint", steps=2, adjoint=adjoint)
    layer = SecondOrder(Acceleration(2, 2), solver)
    state, scale = torch.randn(1, 4, 4, 4), torch.zeros(1, 4, 1, 1)
    with counted_evaluations(layer) as evaluations:
        end = layer(state, scale, scale)
        assert evaluations.total == 4
        end.sum().backward()
    assert evaluations.total == 4 + backward
