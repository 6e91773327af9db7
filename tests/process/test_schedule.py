"""Schedules against DDPM's tables, computed here with fractions and 50 digits; smoothness; the inverse."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch

from cellnn.devices import InputError
from cellnn.diffusion.process import Schedule


def exact_linear(T):
    """alpha_bar_k, k = 1..T, in rational arithmetic."""
    first, last, product, table = Fraction(1, 10_000), Fraction(2, 100), Fraction(1), []
    for k in range(T):
        beta = (first + (last - first) * k / (T - 1)) * 1000 / T
        product *= 1 - beta
        product = Fraction(round(product * 10**60), 10**60)  # digits enough, and numbers of a bearable length
        table.append(float(product))
    return np.array(table)


def exact_cosine(T):
    """alpha_bar_k, k = 1..T, with 50 digits."""
    with mpmath.workdps(50):
        s = mpmath.mpf("0.008")
        f = [mpmath.cos((mpmath.mpf(k) / T + s) / (1 + s) * mpmath.pi / 2) ** 2 for k in range(T + 1)]
        product, table = mpmath.mpf(1), []
        for k in range(1, T + 1):
            product *= 1 - min(1 - f[k] / f[k - 1], mpmath.mpf("0.999"))
            table.append(float(product))
    return np.array(table)


@pytest.mark.parametrize("T", [100, 1000])
@pytest.mark.parametrize(("name", "exact"), [("linear", exact_linear), ("cosine", exact_cosine)])
def test_the_discrete_times_are_ddpms(name, exact, T):
    schedule, table = Schedule(name, T), exact(T)
    t = torch.arange(1, T + 1, dtype=torch.float64) / T
    assert np.allclose(schedule.alpha(t).numpy() ** 2, table, rtol=1e-11, atol=0)
    assert np.allclose(schedule.sigma(t).numpy() ** 2, 1 - table, rtol=1e-11, atol=0)
    assert np.allclose(schedule.log_snr(t).numpy(), np.log(table) - np.log1p(-table), rtol=1e-11, atol=1e-11)


def test_figures_of_the_papers():
    """Ho et al.: D(q(x_T|x_0) || N(0, I)) is about 1e-5 bits per dimension; Nichol and Dhariwal: cos^2 without the clip
    but at the end, where beta_T is 0.999."""
    linear, cosine = Schedule("linear"), Schedule("cosine")
    end = linear.alpha(1.0).item() ** 2
    assert end == pytest.approx(4.0358e-5, rel=1e-4)  # the well-known figure of DDPM's code
    divergence = 0.5 * (end * 0.25 - end - math.log1p(-end)) / math.log(2)  # pictures of variance 1/4
    assert 1e-6 < divergence < 1e-4
    t = torch.linspace(0, 0.99, 100, dtype=torch.float64)
    f = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    assert torch.allclose(cosine.alpha(t) ** 2, f / f[0], rtol=1e-10)
    assert cosine.alpha(1.0) ** 2 / cosine.alpha(0.999) ** 2 == pytest.approx(0.001, rel=1e-9)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_smooth_and_monotone_between(name):
    schedule = Schedule(name)
    t = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    snr = schedule.log_snr(t)
    assert snr[0] == math.inf and bool((snr[1:].diff() < 0).all())
    assert schedule.alpha(0.0) == 1 and schedule.sigma(0.0) == 0
    assert torch.allclose(schedule.alpha(t) ** 2 + schedule.sigma(t) ** 2, torch.ones_like(t), rtol=1e-14)
    knots = torch.arange(1, 1000, dtype=torch.float64) / 1000  # slopes from both sides of a knot agree
    h = 1e-8
    middle = schedule.log_alpha_squared(knots)
    left = (middle - schedule.log_alpha_squared(knots - h)) / h
    right = (schedule.log_alpha_squared(knots + h) - middle) / h
    assert torch.allclose(left, right, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_the_inverse(name):
    schedule = Schedule(name)
    t = torch.cat([torch.logspace(-9, -3, 50, dtype=torch.float64), torch.linspace(0.001, 1, 999, dtype=torch.float64)])
    assert torch.allclose(schedule.time_of(schedule.log_snr(t)), t, rtol=1e-10, atol=0)
    assert schedule.time_of(math.inf) == schedule.time_at(math.inf) == 0
    ones = [schedule.time_at(value) for value in schedule.log_snr(t).tolist()]
    assert torch.allclose(torch.tensor(ones, dtype=torch.float64), t, rtol=1e-10, atol=0)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_small_noise_is_as_accurate_as_large(name):
    """Near t = 0 log alpha^2 is straight, so sigma^2/t goes to a constant; 1 - alpha^2 would have lost its digits."""
    schedule, t = Schedule(name), torch.logspace(-14, -9, 40, dtype=torch.float64)
    ratio = schedule.sigma(t) ** 2 / t
    assert torch.allclose(ratio, ratio[:1].expand(40), rtol=1e-5)
    assert torch.allclose(2 * torch.log(schedule.alpha(t) / schedule.sigma(t)), schedule.log_snr(t), rtol=1e-13)


def test_any_shape_and_precision():
    schedule = Schedule()
    t = torch.rand(2, 3, generator=torch.Generator().manual_seed(0))
    assert schedule.alpha(t).shape == (2, 3) and schedule.alpha(t).dtype == torch.float64
    assert torch.equal(schedule.sigma(t.double()), schedule.sigma(t))
    assert schedule.alpha(0.3).item() == schedule.alpha(torch.tensor([0.3], dtype=torch.float64)).item()


@pytest.mark.parametrize("t", [-0.1, 1.1, math.nan])
def test_times_outside_are_refused(t):
    with pytest.raises(InputError, match="diffusion times from 0 to 1"):
        Schedule().alpha(torch.tensor([0.5, t]))


def test_bad_schedules_are_refused():
    with pytest.raises(InputError, match="did you mean cosine"):
        Schedule("cosin")
    for steps in (10, 0, 1e3, True, 10**7):
        with pytest.raises(InputError, match="whole number from 50"):
            Schedule("linear", steps)
    with pytest.raises(InputError, match="log-SNRs of at least -10.1"):
        Schedule("linear").time_of(-11.0)
    with pytest.raises(InputError, match="log-SNRs of at least -10.1"):
        Schedule("linear").time_at(-11.0)
