"""Blocks of second order against closed forms, SciPy and the order of their solvers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.integrate import solve_ivp
from torch import nn
from torchdiffeq import odeint

from cellnn.circuits.spec.messages import input_error
from cellnn.devices.errors import SimulationError
from cellnn.diffusion.continuous import SecondOrder, Solver, counted_evaluations, solve, solved_by
from cellnn.diffusion.continuous.acceleration import Acceleration
from cellnn.diffusion.continuous.solver import FIXED
from cellnn.diffusion.networks.blocks import SecondOrderBlock

ACCURATE = Solver(method="dopri5", rtol=1e-10, atol=1e-12)


class Spring(nn.Module):
    """f = -stiffness z - damping v."""

    def forward(self, t, state, stiffness, damping):
        z, v = state.chunk(2, dim=1)
        return -stiffness * z - damping * v


def block(solver: Solver, channels: int = 4, in_channels: int = 3) -> SecondOrderBlock:
    """A block in double precision whose f is not zero, as it would be before training."""
    torch.manual_seed(3)
    dynamics = SecondOrder(Acceleration(channels // 2, 2), solver)
    made = SecondOrderBlock(in_channels, channels, 5, dynamics).double()
    for parameter in dynamics.parameters():
        nn.init.normal_(parameter, std=0.5)
    return made


def given() -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(4)
    return tuple(torch.randn(shape, generator=draw, dtype=torch.float64) for shape in ((2, 3, 4, 4), (2, 5)))


def test_a_linear_acceleration_is_the_damped_oscillator():
    z0, v0, stiffness, damping = 0.7, -1.1, 30.0, 1.6
    state = torch.tensor([z0, v0], dtype=torch.float64)[None, :, None, None]
    found = SecondOrder(Spring(), ACCURATE)(state, torch.tensor(stiffness), torch.tensor(damping)).flatten()
    decay = damping / 2
    turn = math.sqrt(stiffness - decay**2)
    amplitude = (v0 + decay * z0) / turn
    z = math.exp(-decay) * (z0 * math.cos(turn) + amplitude * math.sin(turn))
    v = math.exp(-decay) * (turn * (amplitude * math.cos(turn) - z0 * math.sin(turn))) - decay * z
    assert found.tolist() == pytest.approx([z, v], abs=1e-8)


def test_the_block_is_what_scipy_integrates():
    """The acceleration depends on time, on positions and on velocities, and belongs to each sample."""
    h, condition = given()
    made = block(ACCURATE)
    start = made.start(h).detach()
    scale, shift = (part.detach() for part in made.condition(condition)[..., None, None].chunk(2, dim=1))

    def rates(t: float, y: np.ndarray) -> np.ndarray:
        state = torch.from_numpy(y).reshape(start.shape)
        with torch.no_grad():
            force = made.dynamics.acceleration(torch.tensor(t), state, scale, shift)
        return np.concatenate([state[:, 2:].numpy(), force.numpy()], axis=1).ravel()

    expected = solve_ivp(rates, (0.0, 1.0), start.numpy().ravel(), method="DOP853", rtol=1e-10, atol=1e-12).y[:, -1]
    found = made(h, condition).detach().numpy().ravel()
    assert np.abs(found - expected).max() < 1e-8
    assert np.abs(expected - start.numpy().ravel()).max() > 0.3
    at_start, later = (rates(t, start.numpy().ravel()) for t in (0.0, 1.0))
    assert np.abs(later - at_start).max() > 0.1  # time matters


@pytest.mark.parametrize(("method", "order"), FIXED.items())
def test_a_block_converges_with_its_solver_s_order(method, order):
    h, condition = given()
    exact = block(ACCURATE)(h, condition)
    steps = (16, 32) if order < 3 else (8, 16)
    errors = []
    for many in steps:
        made = block(Solver(method=method, steps=many))
        with counted_evaluations(made) as evaluations:
            errors.append((made(h, condition) - exact).abs().max().item())
        assert evaluations.total == FIXED[method] * many
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.3)


@pytest.mark.parametrize("method", FIXED)
@pytest.mark.parametrize("steps", [1, 3])
def test_equal_steps_and_their_gradients_are_torchdiffeq_s(method, steps):
    h, condition = given()
    made = block(Solver(method=method, steps=steps))
    state = made.start(h).detach().requires_grad_()
    factors = tuple(part.detach() for part in made.condition(condition)[..., None, None].chunk(2, dim=1))
    force = made.dynamics.acceleration

    def rates(t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.cat([y[:, 2:], force(t, y, *factors)], dim=1)

    grid = torch.linspace(0.0, 1.0, steps + 1, dtype=torch.float64)
    with counted_evaluations(made) as evaluations:
        expected = odeint(rates, state, grid, method=method)[-1]
        asked = evaluations.total
        found = made.dynamics(state, *factors)
    assert evaluations.total == 2 * asked
    assert torch.allclose(found, expected, rtol=1e-12, atol=1e-12)
    tensors = [state, *force.parameters()]
    for mine, theirs in zip(*(torch.autograd.grad(end.sin().sum(), tensors) for end in (found, expected)), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-11, atol=1e-11)


def test_every_sample_is_solved_for_itself():
    h, condition = given()
    made = block(Solver(method="rk4", steps=2))
    both = made(h, condition)
    assert torch.allclose(made(h[1:], condition[1:]), both[1:], atol=1e-12)


def test_a_new_block_with_as_many_planes_only_drifts():
    """f starts at zero: z(1) = z(0) + v(0), v(1) = v(0), whatever the solver."""
    for solver in (Solver(), Solver(method="rk4", steps=3)):
        made = SecondOrderBlock(4, 4, 5, SecondOrder(Acceleration(2, 2), solver))
        h = torch.randn(2, 4, 6, 6)
        z, v = h.chunk(2, dim=1)
        assert torch.allclose(made(h, torch.randn(2, 5)), torch.cat([z + v, v], dim=1), atol=1e-6)


def test_another_solver_for_a_while():
    h, condition = given()
    coarse, exact = block(Solver()), block(ACCURATE)
    before = coarse(h, condition)
    with solved_by(coarse, ACCURATE):
        assert torch.equal(coarse(h, condition), exact(h, condition))
    assert torch.equal(coarse(h, condition), before) and not torch.allclose(before, exact(h, condition), atol=1e-4)


def test_states_that_run_away_are_an_error():
    start = torch.ones(1, 2, 1, 1)
    with pytest.raises(SimulationError, match="could not be solved"):
        solve(lambda t, y: y**3 * 1e3, start, Solver(method="dopri5"))


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"method": "rk4", "rtol": 1e-3}, "rtol"),
        ({"method": "dopri5", "steps": 3}, "steps"),
        ({"method": "dopri5", "tolerance": 3}, "tolerance"),
    ],
)
def test_settings_that_do_not_fit_the_method(wrong, place):
    with pytest.raises(ValidationError) as caught:
        Solver.model_validate(wrong)
    assert input_error(caught.value).place == place
