"""The reverse SDE: the moments of its Euler-Maruyama steps, their order of convergence, and its noise."""

import math

import numpy as np
import pytest
import torch

from cellnn.diffusion.process import Context, Schedule, find_sampler, points_of, sample, time_grid

from .gaussian import MEAN, SPREAD, gaussian_denoiser
from .test_random_samplers import moment

SDE = "reverse-sde"


def euler_maruyama_of_gaussian_data(schedule, steps):
    """Mean and variance after equation 6 of Song et al., step by step in time s = -log(alpha/sigma), where
    f = -sigma^2 x and g^2 = 2 sigma^2, with the score of N(alpha m, alpha^2 spread^2 + sigma^2); the last step is
    E[x0|x]."""
    log_snr = np.linspace(-8, schedule.log_snr(1 / schedule.steps).item(), steps)
    mean, variance = 0.0, 1.0
    for k in range(steps):
        alpha2 = 1 / (1 + np.exp(-log_snr[k]))
        sigma2, alpha = 1 - alpha2, math.sqrt(alpha2)
        at = alpha2 * SPREAD**2 + sigma2
        if k < steps - 1:
            ds = -(log_snr[k + 1] - log_snr[k]) / 2
            slope = -sigma2 + 2 * sigma2 / at  # of (f - g^2 score) in x
            mean += ds * (slope * mean - 2 * sigma2 / at * alpha * MEAN)
            variance = (1 + ds * slope) ** 2 * variance + 2 * sigma2 * abs(ds)
        else:
            gain = alpha * SPREAD**2 / at
            mean, variance = MEAN + gain * (mean - alpha * MEAN), gain**2 * variance
    return mean, variance


@pytest.mark.parametrize("name", ["linear", "cosine"])
@pytest.mark.parametrize("steps", [20, 80])
def test_gaussian_data_come_out_as_the_recursion_has_it(name, steps):
    schedule = Schedule(name)
    x = sample(gaussian_denoiser(schedule), schedule, "x0", (40, 1, 25, 20), sampler=SDE, steps=steps, seed=5).double()
    mean, variance = euler_maruyama_of_gaussian_data(schedule, steps)
    n = x.numel()
    assert abs(x.mean().item() - mean) < 4.5 * math.sqrt(variance / n)
    assert abs(x.var().item() / variance - 1) < 4.5 * math.sqrt(2 / n)
    assert abs(((x - mean) ** 4).mean().item() / variance**2 - 3) < 4.5 * math.sqrt(96 / n)


def test_the_recursion_nears_the_data_with_order_one():
    """The reference itself: Euler and Maruyama's moments err by one over the steps."""
    steps = np.array([100, 200, 400, 800])
    limit = euler_maruyama_of_gaussian_data(Schedule(), 100_000)
    assert abs(limit[0] - MEAN) < 1e-3 and abs(limit[1] / SPREAD**2 - 1) < 1e-3
    off = [abs(euler_maruyama_of_gaussian_data(Schedule(), int(n))[1] / limit[1] - 1) for n in steps]
    assert abs(-np.polyfit(np.log(steps), np.log(off), 1)[0] - 1) < 0.1


def test_a_mixture_in_two_dimensions_comes_back():
    """With 400 steps, whose own error of about 1 % (above) is allowed for."""
    from .gaussian import mixture_denoiser

    schedule, n = Schedule(), 4000
    generator = torch.Generator().manual_seed(3)

    def noise():
        return torch.randn(n, 2, 1, 1, generator=generator, dtype=torch.float64)

    denoise = mixture_denoiser(schedule)
    points = points_of(schedule, time_grid("log-snr", schedule, 400))

    def denoised(x, point):
        return denoise(x, torch.tensor([point.t], dtype=torch.float64))

    *_, x = find_sampler(SDE).march(denoised, noise(), points, noise, Context(schedule))
    x = x.flatten(1)
    for powers in ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (0, 3)):
        value, expected = x[:, 0] ** powers[0] * x[:, 1] ** powers[1], moment(*powers)
        error = math.sqrt((moment(2 * powers[0], 2 * powers[1]) - expected**2) / n)
        assert abs(value.mean().item() - expected) < 4.5 * error + 0.01 * abs(expected), powers


def test_every_step_but_the_last_draws_noise_and_asks_once():
    schedule, drawn, asked = Schedule(), [], []

    def noise():
        drawn.append(1)
        return torch.randn(3, 1, dtype=torch.float64)

    def denoised(x, point):
        asked.append(point)
        return torch.zeros_like(x)

    points = points_of(schedule, time_grid("log-snr", schedule, 12))
    states = list(find_sampler(SDE).march(denoised, noise(), points, noise, Context(schedule)))
    assert len(states) == 12 and len(drawn) == 12 and len(asked) == 12
    assert asked[0].half_log_snr == pytest.approx(-4) and asked[-1] == points[-2]
    assert not states[-1].any()  # the estimated x0, without noise


def test_a_run_from_a_noisy_picture_begins_there():
    """Posterior of a Gaussian: pictures at sigma, restored, have its mean and variance, whatever the data's."""
    schedule = Schedule()
    t = schedule.time_of(math.log(0.36 / 0.64))  # alpha 0.6, sigma 0.8
    x = torch.full((40, 1, 10, 10), 0.9, dtype=torch.float64)
    how = {"sampler": SDE, "steps": 400, "noisy": x, "time": t.item(), "dtype": torch.float64}
    found = sample(gaussian_denoiser(schedule), schedule, "x0", tuple(x.shape), **how)
    precision = 1 / SPREAD**2 + 0.36 / 0.64
    mean = (MEAN / SPREAD**2 + 0.6 * 0.9 / 0.64) / precision
    assert abs(found.mean().item() - mean) < 4.5 * math.sqrt(1 / precision / 4000) + 1e-3
    assert abs(found.var().item() * precision - 1) < 4.5 * math.sqrt(2 / 4000) + 0.02
