"""The deterministic samplers against the closed-form flow of Gaussian data, with their orders of convergence."""

import numpy as np
import pytest
import torch

from cellnn.diffusion.process import SAMPLERS, Context, Schedule, points_of

from .gaussian import gaussian_denoiser, gaussian_flow

START, END = 0.95, 0.02
"""The flow is followed between these: the last step of every sampler, to t = 0, is not part of its order, and at t = 1
the cosine schedule's sigma/alpha is 20,000, so that even steps in t become orderly only when they are very many."""


def error(name, schedule, times):
    points = points_of(schedule, times)
    denoise = gaussian_denoiser(schedule)
    x = torch.linspace(-2.5, 2.5, 11, dtype=torch.float64).reshape(-1, 1)

    def denoised(state, point):
        return denoise(state, torch.tensor([point.t], dtype=torch.float64))

    def no_noise():
        raise AssertionError("a deterministic sampler drew noise")

    *_, end = SAMPLERS[name].march(denoised, x, points, no_noise, Context(schedule))
    return (end - gaussian_flow(x, points[0], points[-1])).abs().max().item()


def uniform(what, schedule, steps):
    if what == "time":
        return torch.linspace(START, END, steps + 1, dtype=torch.float64)
    first, last = schedule.log_snr(torch.tensor([START, END], dtype=torch.float64)).tolist()
    return schedule.time_of(torch.linspace(first, last, steps + 1, dtype=torch.float64))


@pytest.mark.parametrize("grid", ["time", "log-snr"])
@pytest.mark.parametrize("schedule", [Schedule("linear"), Schedule("cosine")], ids=["linear", "cosine"])
@pytest.mark.parametrize(("name", "order"), [("ddim", 1), ("dpm-solver++", 2), ("heun", 2)])
def test_order_of_convergence(name, order, schedule, grid):
    steps = np.array([50, 100, 200, 400])
    errors = [error(name, schedule, uniform(grid, schedule, int(n))) for n in steps]
    slope = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(slope - order) < 0.2
    assert SAMPLERS[name].order == order
    assert errors[-1] < {1: 6e-3, 2: 2e-4}[order]


def test_twenty_steps_of_the_second_order_solvers_are_nearer_than_twenty_of_ddim():
    schedule = Schedule()
    errors = {
        name: error(name, schedule, uniform("log-snr", schedule, 20)) for name in ("ddim", "dpm-solver++", "heun")
    }
    assert errors["dpm-solver++"] < 0.5 * errors["ddim"]
    assert errors["heun"] < 0.5 * errors["ddim"]
