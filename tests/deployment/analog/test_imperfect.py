"""What is not ideal about integrators and ramp, each against its model's moments or a closed form."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from cellnn.circuits.noise import BOLTZMANN
from cellnn.devices.errors import InputError
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.analog import Integrator, Loop, NoiseSource, RampErrors, analog_sample
from cellnn.diffusion.process import SampleNoise, SamplingError, Schedule

SCHEDULE = Schedule("cosine")
SHAPE = (3, 1, 60, 60)
FALL = math.atan2(SCHEDULE.sigma(1.0).item(), SCHEDULE.alpha(1.0).item())
"""phi at t = 1: the whole gain of a loop on the ramp in the angle, with v."""


def constant(value):
    return lambda x, t, label: torch.full_like(x, value)


def moved(loop, denoise=None, shape=SHAPE, **how):
    """How far the integrators have gone from the start, in units of V1."""
    run = analog_sample(denoise or constant(0.0), SCHEDULE, "v", shape, loop, seed=2, dtype=torch.float64, **how)
    return run.pictures.double() - SampleNoise(2, how.get("first", 0), shape[0], shape[1:], double=True)()


def within(found, expected, n):
    """A variance, by the normal approximation of its spread at 4.5 standard errors."""
    assert abs(found / expected - 1) < 4.5 * math.sqrt(2 / n)


def test_the_ideal_loop_integrates_the_answer_with_gain_one():
    assert (moved(Loop(answers=7), constant(0.5)) + 0.5 * FALL).abs().max() < 1e-6


@pytest.mark.parametrize("late", [False, True])
def test_effects_of_no_strength_are_bit_identical(late):
    def network(x, t, label):
        return torch.tanh(x) * t.reshape(-1, 1, 1, 1)

    shape = (2, 1, 5, 5)
    none = moved(Loop(answers=6, late=late), network, shape)
    off = Integrator(inverse_gain=0.0, offset=0.0, gain=Spread(), temperature=0.0)
    nothing = Loop(answers=6, late=late, integrator=off, ramp_errors=RampErrors(0.0, 0.0, 0.0))
    assert torch.equal(none, moved(nothing, network, shape))
    seeds = {"mismatch": 4, "noise": 9}
    assert torch.equal(none, moved(Loop(answers=6, late=late, seeds=seeds), network, shape))


def test_a_finite_gain_leaks():
    """With no answer, x falls as exp(-g u/(A0 + 1)), g being what the stage of the answer was sized for."""
    loop = Loop(answers=5, integrator=Integrator(inverse_gain=0.05))
    start = SampleNoise(2, 0, 3, SHAPE[1:], double=True)()
    expected = start * (math.exp(-FALL / 21.0) - 1.0)
    assert (moved(loop) - expected).abs().max() < 1e-6


def test_a_finite_gain_is_also_a_gain_error():
    """dx/du = (-g y - g x/A0)/(1 + 1/A0) from x0, in closed form."""
    loop = Loop(answers=5, integrator=Integrator(inverse_gain=0.05))
    start = SampleNoise(2, 0, 3, SHAPE[1:], double=True)()
    kept = math.exp(-FALL / 21.0)
    expected = start * (kept - 1.0) - 0.7 * 20.0 * (1.0 - kept)
    assert (moved(loop, constant(0.7)) - expected).abs().max() < 1e-6


def test_offsets_are_integrated_and_belong_to_the_chip():
    loop = Loop(answers=4, integrator=Integrator(offset=2e-3))
    found = moved(loop)
    assert (found[0] - found[1]).abs().max() < 1e-12
    within(found[0].var().item(), (FALL * 2e-3 / 0.2) ** 2, 3600)
    assert abs(found[0].mean().item()) < 4.5 * FALL * 1e-2 / 60
    other = moved(Loop(answers=4, integrator=Integrator(offset=2e-3), seeds={"mismatch": 1}))
    assert abs(np.corrcoef(found[0].flatten(), other[0].flatten())[0, 1]) < 4.5 / 60


def test_gains_scatter_once_per_chip():
    loop = Loop(answers=4, integrator=Integrator(gain=Spread(local=0.02)))
    found = moved(loop, constant(1.0))
    assert (found[0] - found[1]).abs().max() < 1e-12
    within(found[0].var().item(), (FALL * 0.02) ** 2, 3600)
    assert abs(found[0].mean().item() / -FALL - 1) < 4.5 * 0.02 / 60


def test_thermal_noise_of_switch_and_resistors():
    """k Theta/C once, at the switch, and 2 g k Theta/C over the ramp: C is small here, so that it can be measured."""
    one = Loop(answers=4, integrator=Integrator(C=1e-16, temperature=300.0))
    unit = BOLTZMANN * 300.0 / 1e-16 / 0.2**2
    found = moved(one)
    within(found.var().item(), unit * (1 + 2 * FALL), found.numel())
    cov = np.corrcoef(found[0].flatten(), found[1].flatten())[0, 1]
    assert abs(cov) < 4.5 / 60


def test_the_resistor_of_the_noise_is_noisy_itself():
    """Its stage adds 2 m k Theta/C, m its full-scale gain."""
    source = NoiseSource(strength=1e-6, correlation=1e-12)  # hardly any noise, but a large stage for it
    loop = Loop(answers=4, integrator=Integrator(C=1e-16, temperature=300.0), noise=source)
    m = loop.noise_design(loop.gains(SCHEDULE, "v")).stage
    assert m > 1
    found = moved(loop)
    within(found.var().item(), BOLTZMANN * 300.0 / 1e-16 / 0.2**2 * (1 + 2 * (FALL + m)), found.numel())


def picture_of_one(x, t, label):
    """v of a picture that is 1 everywhere, whatever x: -sin(phi)."""
    return -SCHEDULE.sigma(t).reshape(-1, 1, 1, 1).to(x).expand_as(x)


@pytest.mark.parametrize("errors", [RampErrors(), RampErrors(slope=-0.1), RampErrors(slope=0.1), RampErrors(bow=0.1)])
def test_a_wrong_ramp_is_what_the_network_is_told(errors):
    """The integrators' clock is right: x goes by FALL times the mean of sin over the ramp as it was made."""

    def made(u):
        return min(max((1 + errors.slope) * u + 4 * errors.bow * u * (1 - u), 0.0), 1.0)

    expected = FALL * quad(lambda u: math.sin(FALL * (1 - made(u))), 0, 1, limit=200)[0]
    found = moved(Loop(answers=400, hold="extrapolated", substeps=1, ramp_errors=errors), picture_of_one, (1, 1, 2, 2))
    assert found[0, 0, 0, 0].item() == pytest.approx(expected, abs=2e-4)
    assert errors == RampErrors() or abs(expected - 1.0) > 0.02


def test_readings_tremble_by_themselves():
    told = []

    def network(x, t, label):
        told.append(t)
        return torch.zeros_like(x)

    n = 400
    moved(Loop(answers=20, ramp_errors=RampErrors(jitter=0.01)), network, (n, 1, 2, 2))
    t = torch.stack(told)
    phi = torch.atan2(SCHEDULE.sigma(t), SCHEDULE.alpha(t))
    off = ((1 - phi / FALL) - torch.arange(20).reshape(-1, 1) / 20)[2:-2]  # away from the ends, where it is clipped
    within(off.var().item(), 0.01**2, off.numel())
    assert abs(off.mean().item()) < 4.5 * 0.01 / math.sqrt(off.numel())
    neighbours = np.corrcoef(off[:-1].flatten(), off[1:].flatten())[0, 1]
    assert abs(neighbours) < 4.5 / math.sqrt(off.numel())


def test_one_seed_changes_one_thing():
    """Everything is on; offsets and thermal noise add up as if each were alone, and gains stay the chip's."""
    shape = (2, 1, 8, 8)

    def at(offset, temperature, noise=1):
        part = Integrator(C=1e-16, offset=offset, temperature=temperature)
        return moved(Loop(answers=4, integrator=part, seeds={"noise": noise}), None, shape)

    both, offset, thermal = at(1e-3, 300.0), at(1e-3, 0.0), at(0.0, 300.0)
    assert (both - offset - thermal).abs().max() < 1e-12
    assert torch.equal(offset, at(1e-3, 0.0, noise=7))
    assert (thermal - at(0.0, 300.0, noise=7)).abs().min() > 0


def test_sample_k_is_the_same_in_any_batch():
    everything = Loop(
        answers=5,
        integrator=Integrator(C=1e-16, offset=1e-3, temperature=300.0, gain=Spread(0.02)),
        ramp_errors=RampErrors(0.01, 0.01, 0.01),
        noise=NoiseSource(correlation=1e-6),
    )
    whole = moved(everything, picture_of_one, (4, 1, 3, 3))
    assert torch.equal(whole[2:], moved(everything, picture_of_one, (2, 1, 3, 3), first=2))
    assert torch.equal(whole, moved(everything, picture_of_one, (4, 1, 3, 3)))


def test_bad_arguments_are_refused():
    for wrong, place in (
        ({"answers": 0}, "answers"), ({"answers": 2.5}, "answers"), ({"latency": 0.0}, "latency"),
        ({"hold": "three"}, "hold"), ({"ramp": "angel"}, "ramp"), ({"substeps": True}, "substeps"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=place):
            Loop(**wrong)
    for wrong, place in (({"C": 0.0}, "C"), ({"inverse_gain": 2.0}, "inverse_gain"), ({"offset": math.nan}, "offset")):
        with pytest.raises(InputError, match=place):
            Integrator(**wrong)
    with pytest.raises(InputError, match="bow"):
        RampErrors(bow=0.3)
    for shape, how, place in (
        ((2, 3), {}, "shape"), ((2, 1, 2, 2), {"label": torch.zeros(3, dtype=torch.int64)}, "label"),
        ((2, 1, 2, 2), {"guidance": 2.0}, "guidance"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=place):
            analog_sample(constant(0.0), SCHEDULE, "v", shape, Loop(2), **how)
    with pytest.raises(InputError, match="prediction"):
        analog_sample(constant(0.0), SCHEDULE, "w", (1, 1, 2, 2), Loop(2))


def test_voltages_out_of_all_bounds_are_an_error():
    with pytest.raises(SamplingError, match="window 1 of 3"):
        analog_sample(constant(math.inf), SCHEDULE, "v", (1, 1, 2, 2), Loop(3))
