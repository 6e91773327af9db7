"""The random samplers by moments: Gaussian data against the papers' recursion, a mixture in two dimensions."""

import math

import numpy as np
import pytest
import torch

from cellnn.diffusion.process import SAMPLERS, Context, Schedule, points_of, sample, time_grid

from .gaussian import CENTRES, MEAN, SPREAD, WEIGHTS, WIDTH, gaussian_denoiser, mixture_denoiser


def ddpm_of_gaussian_data(betas):
    """Mean and variance of DDPM's output: Ho et al., equations 6 and 7, with E[x0|x] put in, step by step."""
    alpha_bar = np.cumprod(1 - betas)
    mean, variance = 0.0, 1.0
    for k in range(len(betas) - 1, -1, -1):
        bar, before, beta = alpha_bar[k], alpha_bar[k - 1] if k else 1.0, betas[k]
        slope = math.sqrt(bar) * SPREAD**2 / (bar * SPREAD**2 + 1 - bar)  # E[x0|x] = m + slope (x - sqrt(bar) m)
        of_x0 = math.sqrt(before) * beta / (1 - bar)
        of_x = math.sqrt(1 - beta) * (1 - before) / (1 - bar)
        factor = of_x0 * slope + of_x
        mean = factor * mean + of_x0 * MEAN * (1 - slope * math.sqrt(bar))
        variance = factor**2 * variance + beta * (1 - before) / (1 - bar)
    return mean, variance


def test_ddpm_nears_the_data_as_its_steps_become_many():
    """The recursion itself: the variance's error is of the order of 1/T, that of the mean far below."""
    few, many = (ddpm_of_gaussian_data(np.linspace(1e-4, 0.02, T) * 1000 / T) for T in (200, 2000))
    assert abs(few[0] - MEAN) < 1e-5 and abs(few[1] / SPREAD**2 - 1) < 0.12
    assert abs(many[1] / SPREAD**2 - 1) < abs(few[1] / SPREAD**2 - 1) / 5


@pytest.mark.parametrize(
    ("sampler", "eta", "steps"), [("ddpm", None, 200), ("ddim", 1.0, 200), ("ddpm", None, 20), ("ddim", 1.0, 20)]
)
def test_gaussian_data_come_out_as_the_paper_has_it(sampler, eta, steps):
    """A subset of the steps is a DDPM of its own, with betas between neighbours."""
    schedule = Schedule("linear", 200)
    shape = (40, 1, 25, 20)
    x = sample(
        gaussian_denoiser(schedule), schedule, "x0", shape, sampler=sampler, steps=steps, eta=eta, clip=False, seed=5
    ).double()
    betas = 1 - np.cumprod(1 - np.linspace(1e-4, 0.02, 200) * 5)[200 // steps - 1 :: 200 // steps]
    betas = 1 - (1 - betas) / np.array([1.0, *(1 - betas)[:-1]])
    mean, variance = ddpm_of_gaussian_data(betas)
    n = x.numel()
    assert abs(x.mean().item() - mean) < 4.5 * math.sqrt(variance / n)
    assert abs(x.var().item() / variance - 1) < 4.5 * math.sqrt(2 / n)
    assert abs(((x - mean) ** 4).mean().item() / variance**2 - 3) < 4.5 * math.sqrt(96 / n)


@pytest.mark.parametrize(("name", "eta"), [("ddpm", 0.0), ("ddim", 1.0), ("ddim", 0.5)])
def test_a_mixture_in_two_dimensions_comes_back(name, eta):
    """Moments up to the third, and the share of each Gaussian, within 4.5 standard errors of the mixture's own."""
    schedule, n = Schedule("cosine"), 6_000
    generator = torch.Generator().manual_seed(11)

    def noise():
        return torch.randn(n, 2, 1, 1, generator=generator, dtype=torch.float64)

    denoise = mixture_denoiser(schedule)
    points = points_of(schedule, time_grid("time", schedule, 500))

    def denoised(x, point):
        return denoise(x, torch.tensor([point.t], dtype=torch.float64))

    *_, x = SAMPLERS[name].march(denoised, noise(), points, noise, Context(schedule, eta))
    x = x.flatten(1)
    for powers in ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)):
        value, expected = x[:, 0] ** powers[0] * x[:, 1] ** powers[1], moment(*powers)
        error = math.sqrt((moment(2 * powers[0], 2 * powers[1]) - expected**2) / n)
        assert abs(value.mean().item() - expected) < 4.5 * error, powers
    nearest = (x[:, None] - CENTRES).norm(dim=-1).argmin(1)
    share = torch.bincount(nearest, minlength=3) / n
    assert bool(((share - WEIGHTS).abs() < 4.5 * (WEIGHTS * (1 - WEIGHTS) / n).sqrt() + 1e-3).all())  # 1e-3: overlap


def moment(p, q):
    """E[x^p y^q] of the mixture, from the moments of a Gaussian."""

    def one(centre, k):
        odd = {j: math.prod(range(1, j, 2)) * WIDTH**j for j in range(0, k + 1, 2)}
        return sum(math.comb(k, j) * centre ** (k - j) * odd[j] for j in odd)

    pairs = zip(WEIGHTS.tolist(), CENTRES.tolist(), strict=True)
    return sum(weight * one(x, p) * one(y, q) for weight, (x, y) in pairs)


def test_the_moments_of_the_mixture_are_those_of_samples_of_it():
    """The reference itself, by drawing from the mixture."""
    rng = np.random.default_rng(0)
    which = rng.choice(3, size=200_000, p=WEIGHTS.numpy())
    x = CENTRES.numpy()[which] + WIDTH * rng.standard_normal((200_000, 2))
    for p, q in ((1, 0), (2, 1), (0, 3), (2, 2)):
        value = x[:, 0] ** p * x[:, 1] ** q
        assert abs(value.mean() - moment(p, q)) < 4.5 * value.std() / math.sqrt(len(x))


def test_eta_1_of_ddim_is_ddpm():
    """Song et al., section 4.1: the same update, term by term, from the same noise."""
    schedule = Schedule()
    kwargs = {"shape": (3, 1, 4, 4), "steps": 50, "clip": False, "dtype": torch.float64}
    denoise = gaussian_denoiser(schedule)
    one = sample(denoise, schedule, "x0", sampler="ddpm", **kwargs)
    other = sample(denoise, schedule, "x0", sampler="ddim", eta=1.0, **kwargs)
    assert torch.allclose(one, other, rtol=1e-10, atol=1e-10)
    assert not torch.allclose(one, sample(denoise, schedule, "x0", sampler="ddim", **kwargs), atol=0.01)
