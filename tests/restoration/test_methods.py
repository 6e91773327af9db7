"""Levels, and the three ways to restore, against what is known of Gaussian data."""

import math

import pytest
import torch

from cellnn.devices import InputError
from cellnn.diffusion.process import Schedule, points_of
from cellnn.diffusion.restoration.levels import add_noise, check_levels, time_of_level
from cellnn.diffusion.restoration.methods import How, restored

from ..process.gaussian import MEAN, SPREAD, gaussian_flow

LEVEL = 0.6


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_a_level_is_the_deviation_of_the_noise(name):
    schedule = Schedule(name)
    for level in (1e-3, 0.3, 0.9, 0.9999, schedule.sigma(1.0).item()):
        assert schedule.sigma(time_of_level(schedule, level)).item() == pytest.approx(level, rel=1e-9)
    pictures = torch.full((200, 1, 10, 10), 0.5)
    noisy = add_noise(pictures, schedule, time_of_level(schedule, LEVEL), 4)
    off = noisy - math.sqrt(1 - LEVEL**2) * pictures
    n = off.numel()
    assert abs(off.mean().item()) < 4.5 * LEVEL / math.sqrt(n)
    assert abs(off.std().item() / LEVEL - 1) < 4.5 / math.sqrt(2 * n)


def test_noise_belongs_to_the_picture_and_the_seed_alone():
    schedule, pictures = Schedule(), torch.zeros(5, 1, 4, 4)
    times = [time_of_level(schedule, level) for level in (0.3, 0.9)]
    few, many = add_noise(pictures[:2], schedule, times[0], 1), add_noise(pictures, schedule, times[1], 1)
    assert torch.allclose(few / 0.3, many[:2] / 0.9, rtol=1e-5)
    assert not torch.allclose(few, add_noise(pictures[:2], schedule, times[0], 2))


@pytest.mark.parametrize("levels", [(), (0.0,), (0.5, 1.1), (-0.1,), (0.5, 0.5), (math.nan,)])
def test_levels_that_are_none_are_refused(levels):
    with pytest.raises(InputError, match="levels: got"):
        check_levels(levels, Schedule())
    assert check_levels((0.9, 0.3), Schedule()) == (0.3, 0.9)


def test_unknown_methods_are_refused():
    from cellnn.diffusion.restoration.methods import check_methods

    with pytest.raises(InputError, match="did you mean flow"):
        check_methods(("mean", "flo"))


@pytest.fixture(scope="module")
def case(exact):
    """Pictures of Gaussian data, and these with noise of LEVEL."""
    generator = torch.Generator().manual_seed(0)
    true = MEAN + SPREAD * torch.randn(60, 1, 10, 10, generator=generator)
    time = time_of_level(exact.schedule, LEVEL)
    return true, add_noise(true, exact.schedule, time, 0), time


def draw(exact, case, method):
    return restored(exact, case[1], case[2], None, method, How(steps=100, rtol=1e-5, atol=1e-5, batch=25), 0)


def posterior():
    """Gain and variance of x0 given x = alpha x0 + sigma eps."""
    alpha2 = 1 - LEVEL**2
    at = alpha2 * SPREAD**2 + LEVEL**2
    return math.sqrt(alpha2) * SPREAD**2 / at, SPREAD**2 * LEVEL**2 / at


def test_the_mean_is_the_posteriors(exact, case):
    true, noisy, _ = case
    found, evaluations = draw(exact, case, "mean")
    gain, variance = posterior()
    assert torch.allclose(found, MEAN + gain * (noisy - math.sqrt(1 - LEVEL**2) * MEAN), atol=1e-6)
    assert evaluations == 1
    n = true.numel()
    assert abs((found - true).square().mean().item() / variance - 1) < 4.5 * math.sqrt(2 / n) + 0.01


def test_the_flow_is_the_closed_form(exact, case):
    _, noisy, time = case
    found, evaluations = draw(exact, case, "flow")
    here, there = points_of(exact.schedule, torch.tensor([time, 0.0], dtype=torch.float64))
    assert torch.allclose(found, gaussian_flow(noisy, here, there).clamp(-1, 1), atol=2e-3)
    assert 5 < evaluations < 100


def test_the_sde_draws_from_the_posterior(exact, case):
    """So its squared error is twice the posterior's variance, and its noise is not that of the noisy pictures."""
    true, noisy, _ = case
    found, evaluations = draw(exact, case, "sde")
    mean, _ = draw(exact, case, "mean")
    _, variance = posterior()
    off, n = (found - mean).flatten(), true.numel()
    assert abs(off.mean().item()) < 4.5 * math.sqrt(variance / n) + 2e-3
    assert abs(off.var().item() / variance - 1) < 4.5 * math.sqrt(2 / n) + 0.03  # 0.03: its 100 steps
    assert abs((found - true).square().mean().item() / (2 * variance) - 1) < 4.5 * math.sqrt(2 / n) + 0.03
    assert abs(torch.corrcoef(torch.stack([off, noisy.flatten()]))[0, 1].item()) < 4.5 / math.sqrt(n)
    assert evaluations == 100
    assert torch.equal(found, draw(exact, case, "sde")[0])


def test_nothing_is_done_to_what_stays_noisy(exact, case):
    found, evaluations = draw(exact, case, "noisy")
    assert torch.allclose(found, (case[1] / math.sqrt(1 - LEVEL**2)).clamp(-1, 1), atol=1e-6) and evaluations == 0
