"""The flow solved to a tolerance: closed forms, its counted evaluations, and what a batch changes."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from cellnn.diffusion.process import Context, SamplingError, Schedule, find_sampler, points_of, sample

from .gaussian import MEAN, SPREAD, gaussian_denoiser, gaussian_flow, mixture_denoiser

SCHEDULES = [Schedule("linear"), Schedule("cosine")]
FLOW = "probability-flow"


def followed(schedule, denoise, x, times, rtol):
    """The march by itself over these times, and how often it asked."""
    points, asked = points_of(schedule, torch.tensor(times, dtype=torch.float64)), []

    def denoised(state, point):
        asked.append(point.t)
        return denoise(state, torch.tensor([point.t], dtype=torch.float64))

    def no_noise():
        raise AssertionError("a deterministic sampler drew noise")

    states = find_sampler(FLOW).march(denoised, x, points, no_noise, Context(schedule, 0.0, rtol, rtol))
    return list(states), points, asked


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.name)
def test_the_error_follows_the_tolerance(schedule):
    """Against the closed-form flow, at the end and between; the evaluations grow as a method of fifth order has it."""
    x = torch.linspace(-2.5, 2.5, 11, dtype=torch.float64).reshape(-1, 1)
    counts, errors = [], []
    for rtol in (1e-3, 1e-5, 1e-7, 1e-9):
        states, points, asked = followed(schedule, gaussian_denoiser(schedule), x, [1.0, 0.6, 0.2, 0.02], rtol)
        assert len(states) == 3 and all(0.02 <= t <= 1 for t in asked)
        exact = [gaussian_flow(x, points[0], there) for there in points[1:]]
        errors.append(max((a - b).abs().max().item() for a, b in zip(states, exact, strict=True)))
        counts.append(len(asked))
        assert errors[-1] < 30 * rtol  # of some ten to a hundred steps, each within rtol
    assert counts == sorted(counts) and errors == sorted(errors, reverse=True)
    growth = math.log(counts[-1] / counts[1]) / math.log(1e4)  # steps ~ tolerance^(-1/5)
    assert 0.1 < growth < 0.3


def test_a_density_of_several_gaussians_agrees_with_scipy_in_the_papers_own_time():
    """Equation 13 in t, with beta(t) from log alpha^2 by differences, by SciPy: nothing of ours but the denoiser."""
    schedule = Schedule("linear")
    denoise = mixture_denoiser(schedule)
    x = torch.tensor([[0.4, -1.2], [-0.7, 0.3], [1.6, 0.9]], dtype=torch.float64).reshape(3, 2, 1, 1)
    states, _, _ = followed(schedule, denoise, x, [0.9995, 0.05], 1e-8)
    h = 1e-6

    def slope(t, flat):
        here = torch.tensor([t], dtype=torch.float64)
        state = torch.from_numpy(flat).reshape(x.shape)
        beta = (schedule.log_alpha_squared(t - h) - schedule.log_alpha_squared(t + h)).item() / (2 * h)
        score = (schedule.alpha(here) * denoise(state, here) - state) / schedule.sigma(here) ** 2
        return (-0.5 * beta * (state + score)).flatten().numpy()

    found = solve_ivp(slope, (0.9995, 0.05), x.flatten().numpy(), rtol=1e-7, atol=1e-7, max_step=2e-2).y[:, -1]
    assert np.allclose(states[-1].flatten().numpy(), found, atol=2e-5)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.name)
def test_gaussian_data_come_back(schedule):
    """From noise to pictures: the closed-form flow, and the moments of the data."""
    path, counts = [], []
    x = sample(
        gaussian_denoiser(schedule), schedule, "x0", (50, 1, 10, 10), sampler=FLOW, steps=4, rtol=1e-6, atol=1e-6,
        dtype=torch.float64, path=path, evaluations=counts,
    )  # fmt: skip
    first, *_, last = points_of(schedule, torch.tensor([1.0, 0.0], dtype=torch.float64))
    # the estimate at 1/T in place of the rest of the flow: sigma(1/T)^2/(2 spread) of a deviation or less
    assert (x - gaussian_flow(path[0], first, last)).abs().max() < 5e-3
    n = x.numel()
    assert abs(x.mean().item() - MEAN) < 4.5 * SPREAD / math.sqrt(n) + 1e-3
    assert abs(x.var().item() / SPREAD**2 - 1) < 4.5 * math.sqrt(2 / n) + 0.01
    assert len(path) == 5 and len(set(counts)) == 1 and 20 < counts[0] < 200


def test_the_number_of_steps_says_only_where_one_looks():
    how = {"sampler": FLOW, "rtol": 1e-4, "atol": 1e-4}
    found = [sample(gaussian_denoiser(SCHEDULES[1]), SCHEDULES[1], "x0", (4, 1, 5, 5), steps=k, **how) for k in (1, 9)]
    assert torch.equal(*found)


def test_evaluations_are_counted_for_each_batch_and_doubled_by_guidance():
    schedule, calls = SCHEDULES[1], []
    exact = gaussian_denoiser(schedule)

    def denoise(x, t, label=None):
        calls.append(len(x))
        return exact(x, t)

    label, counts = torch.zeros(5, dtype=torch.int64), []
    how = {"sampler": FLOW, "label": label, "classes": 1, "evaluations": counts}
    sample(denoise, schedule, "x0", (5, 1, 4, 4), batch=3, **how)
    first, second = calls.count(3), calls.count(2)
    assert counts == [first] * 3 + [second] * 2 and first + second == len(calls)
    counts.clear(), calls.clear()
    sample(denoise, schedule, "x0", (5, 1, 4, 4), guidance=2.0, **how)
    assert counts == [2 * len(calls)] * 5 and set(calls) == {10}


@pytest.mark.parametrize("rtol", [1e-2, 1e-4])
def test_other_samples_in_the_batch_change_one_as_the_tolerance_lets_them(rtol):
    schedule = Schedule("cosine")
    denoise = gaussian_denoiser(schedule)
    how = {"sampler": FLOW, "rtol": rtol, "atol": rtol, "dtype": torch.float64, "seed": 2}
    whole = sample(denoise, schedule, "x0", (40, 2, 1, 1), **how)
    alone = torch.cat([sample(denoise, schedule, "x0", (1, 2, 1, 1), first=k, **how) for k in range(0, 40, 4)])
    off = (alone - whole[::4]).abs().max().item()
    assert off < 10 * rtol and (off > 0) == (rtol == 1e-4)  # the loose ones take the longest steps, the same for all


def test_the_error_of_each_sample_counts_not_the_mean_of_all():
    """One sample whose flow bends, among 99 that rest: it is as exact as alone."""
    schedule = Schedule("cosine")
    exact = gaussian_denoiser(schedule)

    def denoise(x, t, label):
        return torch.where(label[:, None, None, None] == 1, exact(x, t), torch.zeros_like(x))

    how = {"sampler": FLOW, "rtol": 1e-3, "atol": 1e-3, "dtype": torch.float64, "classes": 2}
    label = torch.zeros(100, dtype=torch.int64)
    label[0] = 1
    path = []
    x = sample(denoise, schedule, "x0", (100, 1, 2, 2), label=label, path=path, **how)
    first, last = points_of(schedule, torch.tensor([1.0, 0.0], dtype=torch.float64))
    assert (x[0] - gaussian_flow(path[0][0], first, last)).abs().max() < 1e-2


def test_a_tolerance_that_cannot_be_kept_ends_the_run(monkeypatch):
    """Noise in place of a network: its steps become shorter without end."""
    monkeypatch.setattr("cellnn.diffusion.process.samplers.probability_flow.MOST_STEPS", 40)
    generator = torch.Generator().manual_seed(0)

    def denoise(x, t, label):
        return torch.randn(x.shape, generator=generator)

    with pytest.raises(SamplingError, match="probability-flow could not keep rtol 1e-06, atol 1e-06"):
        sample(denoise, SCHEDULES[1], "x0", (2, 1, 4, 4), sampler=FLOW, rtol=1e-6, atol=1e-6)
