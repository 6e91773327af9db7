"""Conversions among eps, x0 and v; the loss and its weights."""

import itertools

import pytest
import torch

from cellnn.devices import InputError
from cellnn.diffusion.process import (
    PREDICTIONS,
    Schedule,
    convert,
    diffusion_loss,
    draw_times,
    loss_weight,
    noised,
    target,
    to_eps,
    to_x0,
)


@pytest.fixture
def state():
    """Pictures, noise, their mixture, alpha and sigma, in double precision."""
    generator = torch.Generator().manual_seed(1)
    x0, eps = torch.randn(2, 5, 2, 4, 4, generator=generator, dtype=torch.float64)
    t = torch.linspace(0.01, 0.99, 5, dtype=torch.float64)
    alpha, sigma = Schedule().alpha(t), Schedule().sigma(t)
    return x0, eps, noised(x0, eps, alpha, sigma), alpha, sigma


def test_noised_is_the_forward_process(state):
    x0, eps, x, alpha, sigma = state
    for k in range(5):
        assert torch.allclose(x[k], alpha[k].item() * x0[k] + sigma[k].item() * eps[k])


@pytest.mark.parametrize(("have", "want"), list(itertools.product(PREDICTIONS, PREDICTIONS)))
def test_conversions_give_the_target_of_the_other_kind(state, have, want):
    x0, eps, x, alpha, sigma = state
    value = target(have, x0, eps, alpha, sigma)
    other = convert(value, have, want, x, alpha, sigma)
    assert torch.allclose(other, target(want, x0, eps, alpha, sigma), rtol=1e-9, atol=1e-9)
    assert torch.allclose(convert(other, want, have, x, alpha, sigma), value, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_prediction_stands_for_picture_and_noise(state, name):
    x0, eps, x, alpha, sigma = state
    value = target(name, x0, eps, alpha, sigma)
    assert torch.allclose(to_x0(name, value, x, alpha, sigma), x0, rtol=1e-9, atol=1e-9)
    assert torch.allclose(to_eps(name, value, x, alpha, sigma), eps, rtol=1e-9, atol=1e-9)


def test_v_is_the_velocity_of_the_angle(state):
    """Salimans and Ho: with alpha = cos(angle), v = dx/d(angle)."""
    x0, eps, _, alpha, sigma = state
    angle, h = torch.atan2(sigma, alpha), 1e-6
    ahead = noised(x0, eps, torch.cos(angle + h), torch.sin(angle + h))
    behind = noised(x0, eps, torch.cos(angle - h), torch.sin(angle - h))
    assert torch.allclose(target("v", x0, eps, alpha, sigma), (ahead - behind) / (2 * h), atol=1e-8)


@pytest.mark.parametrize("name", PREDICTIONS)
def test_min_snr_weighs_the_error_of_x0_alike_whatever_is_predicted(state, name):
    """An error d of x0 costs min(SNR, 5) d^2: the weight times the squared error the prediction then has."""
    x0, eps, x, alpha, sigma = state
    wrong = x0 + 0.1
    error = convert(wrong, "x0", name, x, alpha, sigma) - target(name, x0, eps, alpha, sigma)
    cost = loss_weight("min-snr", name, alpha, sigma) * error.square().flatten(1).mean(1)
    assert torch.allclose(cost, 0.01 * torch.minimum((alpha / sigma) ** 2, torch.tensor(5.0)), rtol=1e-9)


def test_the_loss_is_the_mean_squared_error(state):
    x0, eps, _, _, _ = state
    t = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9])
    schedule, seen = Schedule(), {}

    def denoise(x, times, label):
        seen.update(x=x, t=times, label=label)
        return torch.zeros_like(x)

    label = torch.arange(5)
    loss = diffusion_loss(denoise, schedule, "eps", x0.float(), eps.float(), t, label)
    assert torch.allclose(loss, eps.float().square().mean((1, 2, 3)))
    assert torch.equal(seen["t"], t) and seen["label"] is label and seen["x"].dtype == torch.float32
    weighted = diffusion_loss(denoise, schedule, "eps", x0.float(), eps.float(), t, label, weighting="min-snr")
    assert bool((weighted[:1] < loss[:1]).all()) and torch.equal(weighted[1:], loss[1:])  # SNR(0.1) > 5 > SNR(0.3)
    with pytest.raises(InputError, match="min-snr"):
        diffusion_loss(denoise, schedule, "eps", x0, eps, t.double(), weighting="snr")


def test_times_are_ddpms_and_evenly_spread():
    t = draw_times(1000, 1000, torch.Generator().manual_seed(3))
    assert torch.equal(t.sort().values, torch.arange(1, 1001, dtype=torch.float64) / 1000)
    small = torch.stack([draw_times(4, 100, torch.Generator().manual_seed(seed)) for seed in range(2000)])
    counts = torch.bincount((small * 100).round().long().flatten(), minlength=101)
    assert counts[0] == 0 and int(counts.sum()) == 8000
    chi_squared = ((counts[1:] - 80.0) ** 2 / 80).sum().item()
    assert chi_squared < 161.3  # chi-squared of 99 degrees of freedom at 1e-4; even spreading can only lower it
    assert bool(((small.sort(1).values.diff(dim=1) - 0.25).abs() < 0.0101).all())
    first = small[:, 0]  # each place of the batch is uniform by itself
    assert abs(first.mean().item() - 0.505) < 4 * (1 / 12 / 2000) ** 0.5


def test_unknown_predictions_are_refused(state):
    x0, eps, x, alpha, sigma = state
    for call in (
        lambda: target("velocity", x0, eps, alpha, sigma),
        lambda: to_x0("velocity", x, x, alpha, sigma),
        lambda: to_eps("velocity", x, x, alpha, sigma),
        lambda: convert(x, "v", "velocity", x, alpha, sigma),
    ):
        with pytest.raises(InputError, match="one of eps, x0, v"):
            call()
