"""The sampler whose noise is that of a resistor: moments, limits, and the circuit that is needed."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from cellnn.circuits.noise import BOLTZMANN
from cellnn.devices.errors import InputError
from cellnn.diffusion.deployment.analog import Loop, NoiseSource, analog_sample
from cellnn.diffusion.deployment.analog.noise_source import Coloured, white_limit
from cellnn.diffusion.process import SampleNoise, Schedule

from .gaussian import CENTRES, MEAN, SPREAD, WEIGHTS, WIDTH, gaussian, mixture
from .moments import moments

SCHEDULE = Schedule("cosine")
CASES = [("log-snr", "reverse"), ("angle", "bounded")]


def functions(ramp):
    """phi(u) and -dphi/du, written out."""
    if ramp == "angle":
        start = math.atan2(SCHEDULE.sigma(1.0).item(), SCHEDULE.alpha(1.0).item())
        return lambda u: start * (1 - u), lambda u: start
    span = 4.0 + SCHEDULE.log_snr(1 / SCHEDULE.steps).item() / 2  # of log(alpha/sigma), from -4
    return (
        lambda u: math.atan(math.exp(4.0 - span * u)),
        lambda u: span / 2 / math.cosh(4.0 - span * u),  # sin(phi) cos(phi) span
    )


def pictures(loop, shape=(20, 1, 25, 40), denoise=None):
    denoise = denoise or gaussian(SCHEDULE)
    return analog_sample(denoise, SCHEDULE, "v", shape, loop, seed=5, dtype=torch.float64).pictures.double()


@pytest.mark.parametrize("heat", [1.0, 1.21])
@pytest.mark.parametrize(("ramp", "spectrum"), CASES)
def test_moments_of_gaussian_data(ramp, spectrum, heat):
    """With held answers as the moments' own equations have it; a warmer resistor has more noise."""
    noise = NoiseSource(spectrum, temperature=300.0 * heat)
    x = pictures(Loop(answers=40, ramp=ramp, noise=noise))
    mean, variance = moments(spectrum, *functions(ramp), 40, heat)
    n = x.numel()
    assert abs(x.mean().item() - mean) < 4.5 * math.sqrt(variance / n)
    assert abs(x.var().item() / variance - 1) < 4.5 * math.sqrt(2 / n)
    assert abs(((x - mean) ** 4).mean().item() / variance**2 - 3) < 4.5 * math.sqrt(96 / n)


@pytest.mark.parametrize(("ramp", "spectrum"), CASES)
def test_the_moments_near_the_data_with_order_one(ramp, spectrum):
    """The exact marginal at the ramp's end is N(cos(phi) m, cos^2 s^2 + sin^2): held answers come to it as 1/N."""
    phi, fall = functions(ramp)
    end = phi(1.0)
    errors = []
    for windows in (50, 100, 200):
        mean, variance = moments(spectrum, phi, fall, windows)
        exact = (math.cos(end) * SPREAD) ** 2 + math.sin(end) ** 2
        errors.append((abs(mean - math.cos(end) * MEAN), abs(variance / exact - 1)))
    errors = np.array(errors)
    orders = np.log2(errors[:-1] / errors[1:])
    assert (np.abs(orders[:, 0] - 1) < 0.1).all()
    assert (orders[:, 1] > 0.85).all()  # on the log-SNR's ramp it is 2: the first order of the variance cancels
    assert errors[-1, 0] < 2e-3 and errors[-1, 1] < 5e-2


@pytest.mark.parametrize("noise", [None, NoiseSource("bounded"), NoiseSource("bounded", correlation=1e-6)])
def test_a_mixture_in_two_dimensions_comes_back(noise):
    """Moments up to the third, and the share of each Gaussian, within 4.5 standard errors of the mixture's own."""
    n = 4000
    loop = Loop(answers=150, hold="extrapolated", substeps=1, late=True, noise=noise)
    x = pictures(loop, (n, 2, 1, 1), mixture(SCHEDULE)).flatten(1)
    generator = torch.Generator().manual_seed(1)
    index = torch.multinomial(WEIGHTS, 400_000, replacement=True, generator=generator)
    own = CENTRES[index] + WIDTH * torch.randn(400_000, 2, generator=generator, dtype=torch.float64)
    for power in (lambda y: y, lambda y: y**2, lambda y: y**3, lambda y: y[:, :1] * y[:, 1:]):
        got, expected = power(x), power(own)
        bar = 4.5 * expected.std(0) * math.sqrt(1 / n + 1 / len(own))
        assert ((got.mean(0) - expected.mean(0)).abs() < bar).all()
    nearest = torch.cdist(x, CENTRES).argmin(1)
    truth = torch.cdist(own, CENTRES).argmin(1)
    for k in range(3):
        share = (truth == k).double().mean().item()
        assert abs((nearest == k).double().mean().item() - share) < 4.5 * math.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize("tau", [0.01, 0.1, 1.0])
def test_coloured_noise_has_its_moments(tau):
    """Stationary variance 1/(2 tau), correlation exp(-h/tau), the integral's variance; steps of any length."""
    n, h, steps = 200_000, 0.05, 6
    source = Coloured(tau)
    draw = SampleNoise(0, 0, 1, (n,), double=True)
    source.start(draw()[0])
    first, total, white = source.z, torch.zeros(n, dtype=torch.float64), torch.zeros(n, dtype=torch.float64)
    for _ in range(steps):
        normal = draw()[0]
        total += source.integral(h, normal, draw()[0])
        white += math.sqrt(h) * normal
    bar = 4.5 * math.sqrt(2 / n)
    length = h * steps
    assert abs(source.z.var().item() * 2 * tau - 1) < bar
    assert abs((first * source.z).mean().item() * 2 * tau - math.exp(-length / tau)) < bar
    assert abs(total.var().item() / (length * white_limit(tau, length)) - 1) < bar
    apart = (total - white).var().item()  # tau (z_0 - z_end)
    assert abs(apart / (tau * (1 - math.exp(-length / tau))) - 1) < bar


def test_pictures_of_coloured_noise_near_those_of_white():
    """The same noise seen through a wider and wider band. Its integral is tau (z_0 - z_end) away from white noise's,
    which is of the order of the root of tau; what comes later than z_0 is of the order of tau."""
    shape = (4, 1, 20, 20)
    white = pictures(Loop(answers=50, late=True, substeps=16, noise=NoiseSource()), shape)
    taus = np.array([4e-6, 2e-6, 1e-6, 0.5e-6])
    errors = []
    for tau in taus:
        coloured = Loop(answers=50, late=True, substeps=16, noise=NoiseSource(correlation=tau))
        errors.append((pictures(coloured, shape) - white).square().mean().sqrt().item())
    assert 0.45 < np.polyfit(np.log(taus), np.log(errors), 1)[0] < 1.1
    assert errors[-1] < 0.04 * white.std()


def test_the_circuit_has_the_noise_it_was_designed_for():
    """Its rms voltage by the integral of Nyquist's density through the pole; the loop's density by equation (1)."""
    loop = Loop(answers=50, latency=10e-6, noise=NoiseSource(correlation=0.1e-6, rms=0.15))
    gains = loop.gains(SCHEDULE, "v")
    found, source, C, V1 = loop.noise_design(gains), loop.noise, loop.integrator.C, loop.integrator.V1

    def density(f):
        return 4 * BOLTZMANN * 300.0 * source.R * found.gain**2 / (1 + (f / found.bandwidth) ** 2)

    power = quad(lambda s: density(s * found.bandwidth) * found.bandwidth, 0, np.inf)[0]
    assert math.sqrt(power) == pytest.approx(0.15, rel=1e-9)
    into = density(0.0) / 2 / (found.resistor * C) ** 2 / V1**2 * loop.ramp_time  # two-sided, x^2 per ramp
    assert into == pytest.approx(gains.largest_density, rel=1e-12)
    assert gains.largest_density == pytest.approx(2 * (math.pi / 2), rel=1e-3)
    assert found.gain_bandwidth == pytest.approx(found.gain / (2 * math.pi * 0.1e-6))


def test_no_strength_is_no_noise_bit_by_bit():
    shape = (2, 1, 4, 4)
    for late in (False, True):
        none = pictures(Loop(answers=10, late=late), shape)
        assert torch.equal(none, pictures(Loop(answers=10, late=late, noise=NoiseSource(strength=0.0)), shape))
        cold = NoiseSource(strength=0.0, correlation=1e-6)
        assert torch.equal(none, pictures(Loop(answers=10, late=late, noise=cold), shape))


def test_gains_that_cannot_be_built_are_refused():
    for ramp, prediction, noise in (
        ("angle", "eps", None),
        ("angle", "x0", None),
        ("angle", "v", NoiseSource("reverse")),
    ):
        with pytest.raises(InputError, match="log-snr"):
            Loop(ramp=ramp, noise=noise).gains(SCHEDULE, prediction)
    with pytest.raises(InputError, match="correlation"):
        NoiseSource().design(1.0, 1e-3, 1e-12, 0.2)
    with pytest.raises(InputError, match="spectrum"):
        NoiseSource("white")
