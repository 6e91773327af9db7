"""What is drawn has the moments its model says, and strength 0 changes nothing."""

import numpy as np
import pytest

from cellnn.devices.errors import InputError
from cellnn.devices.variability.converter import Converter
from cellnn.devices.variability.faults import StuckAt
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.programming import CmoHfox, ConstantError, Milo, Wan2022
from cellnn.devices.variability.quantiser import Quantiser
from cellnn.devices.variability.read_noise import ReadNoise
from cellnn.devices.variability.relaxation import PowerLaw, Relaxation
from cellnn.devices.variability.spread import Spread
from cellnn.devices.variability.streams import stream

N = 40_000
LOW, HIGH = 1e-6, 100e-6


def check_moments(values, mean, spread):
    """Within 4.5 standard errors, which chance passes once in 10^5 times."""
    assert abs(values.mean() - mean) < 4.5 * spread / np.sqrt(values.size)
    assert abs(values.std(ddof=1) - spread) < 4.5 * spread / np.sqrt(2 * values.size)
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 4.5 / np.sqrt(values.size)


def moved(effect, g, seed=0):
    asked = np.full(N, g)
    found = effect.applied(asked, LOW, HIGH, stream(seed, "test"))
    assert (asked == g).all(), "what goes in stays"
    return found - g


# by hand from the papers' formulas, uS
@pytest.mark.parametrize(
    "effect, g, mean, spread",
    [
        (CmoHfox(0.002), 50e-6, 0.0, 0.00106879 * 50 + 0.00081107),
        (CmoHfox(0.02), 90e-6, 0.0, 0.01129027 * 90 + 0.01121854),
        (Wan2022(0.0), 20e-6, 0.0, -16.815 / 16 + 45.393 / 8 - 43.853 / 4 + 16.030 / 2 + 0.348),
        (Wan2022(1.0), 40e-6, 0.0, -16.458 + 47.095 - 50.773 + 22.086 + 0.701),
        (Milo(), 100e-6, 0.0, 4.782321 - 0.009107 * 100),
        (ConstantError(relative=0.03), 20e-6, 0.0, 0.6),
        (ConstantError(relative=0.03, absolute=0.8e-6), 20e-6, 0.0, 1.0),
        (Relaxation(3600.0), 50e-6, -0.089 * np.log(3600), 0.04201 * np.log(3600) + 0.41183),
        (ReadNoise(1.0), 10e-6, 0.0, 0.02773 * np.sqrt(np.log((1 + 1e-6) / 2e-6))),
        (ReadNoise(1.0, scale=2.0), 100e-6, 0.0, 4 * 0.02773 * np.sqrt(np.log((1 + 1e-6) / 2e-6))),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "applied") else "",
)
def test_models_of_conductances(effect, g, mean, spread):
    check_moments(moved(effect, g), mean * 1e-6, spread * 1e-6)


def test_power_law():
    change = PowerLaw(time=2000.0, exponent=0.1, spread=0.02)
    exponents = -np.log(1 + moved(change, 50e-6) / 50e-6) / np.log(100.0)
    check_moments(exponents, 0.1, 0.02)
    assert not PowerLaw(time=20.0).active and not PowerLaw(time=1e6, exponent=0.0).active


def test_conductances_stay_positive():
    assert (moved(ConstantError(absolute=50e-6), 1e-6) >= -1e-6).all()


def test_spread_within_and_between_chips():
    factors = Spread(local=0.03, common=0.04).factors((300, 400), stream(1, "R"))
    assert abs(factors.mean() - 1) < 4.5 * 0.04 / np.sqrt(300)
    within = factors - factors.mean(axis=1, keepdims=True)
    assert abs(within.std() - 0.03) < 4.5 * 0.03 / np.sqrt(2 * factors.size)
    means = factors.mean(axis=1)
    expected = np.hypot(0.04, 0.03 / 20)
    assert abs(means.std(ddof=1) - expected) < 4.5 * expected / np.sqrt(600)
    # two places of a chip: correlation 0.04^2 / (0.04^2 + 0.03^2) = 0.64, with its standard error
    pairs = np.corrcoef(factors[:, 0], factors[:, 1])[0, 1]
    assert abs(pairs - 0.64) < 4.5 * (1 - 0.64**2) / np.sqrt(300)
    assert (Spread(local=0.5).factors((N,), stream(1, "C")) > 0).all()


def test_quantiser():
    quantiser = Quantiser(6)
    g = stream(3, "g").uniform(LOW, HIGH, N)
    found = quantiser.applied(g, LOW, HIGH, stream(0))
    step = (HIGH - LOW) / 31
    assert len(np.unique(found.round(12))) == 32
    errors = found - g
    assert np.abs(errors).max() <= step / 2 * (1 + 1e-9)
    assert abs(errors.std() - step / np.sqrt(12)) < 4.5 * step / np.sqrt(12) / np.sqrt(2 * N)


def test_stuck_devices():
    found = StuckAt(low=0.02, high=0.005).applied(np.full(N, 50e-6), LOW, HIGH, stream(0, "faults"))
    for value, share in ((LOW, 0.02), (HIGH, 0.005)):
        assert abs(np.mean(found == value) - share) < 4.5 * np.sqrt(share * (1 - share) / N)
    assert np.mean(found == 50e-6) > 0.97
    with pytest.raises(InputError, match="high"):
        StuckAt(low=0.7, high=0.4)


def test_converters():
    converter = Converter(bits=8, full_scale=2.0)
    values = stream(0, "values").uniform(-2, 2, (4, 3, 10, 10))
    found = converter.converted(values)
    assert np.abs(found - values).max() <= 2 / 254 * (1 + 1e-9)
    assert converter.converted(np.array([[0.0, 5.0, -5.0]])).tolist() == [[0.0, 2.0, -2.0]]
    assert np.array_equal(found, converter.read(values))
    uneven = Converter(bits=8, full_scale=2.0, inl=1.5, dnl=0.2)
    levels = uneven.levels(200, stream(0, "levels"))
    steps = np.diff(levels, axis=1) / uneven.step
    assert np.allclose(levels[:, [0, -1]], [-2, 2])
    along = np.linspace(0, 1, 255)
    bend = (levels - np.linspace(-2, 2, 255)) / uneven.step
    # a bridge of 254 steps of 0.2 LSB: its spread in the middle is 0.2 sqrt(254) / 2
    spread = 0.2 * np.sqrt(254) / 2
    assert abs(bend[:, 127].mean() - 1.5) < 4.5 * spread / np.sqrt(200)
    assert abs(bend[:, 127].std(ddof=1) - spread) < 4.5 * spread / np.sqrt(400)
    straight = (steps - np.diff(1.5 * 4 * along * (1 - along))).std()
    assert abs(straight - 0.2) < 0.2 * (4.5 / np.sqrt(2 * steps.size) + 1 / 254)
    # what a converter puts out, one with the same levels reads back
    back = uneven.read(uneven.converted(values, levels[:3]), levels[:3])
    assert np.abs(back - found).max() <= uneven.step * 1.01


def test_pairs():
    pair = ConductancePair(LOW, HIGH)
    w = stream(0, "w").normal(size=(5, 4, 3, 3))
    scale = pair.scale(float(np.abs(w).max()))
    plus, minus = pair.programmed(w, scale)
    assert plus.max() == pytest.approx(HIGH) or minus.max() == pytest.approx(HIGH)
    assert np.minimum(plus, minus).max() == LOW
    silent = [ConstantError(), Relaxation(0.0), ReadNoise(scale=0.0), StuckAt(), PowerLaw(time=0.0)]
    sides = plus, minus
    assert all(a is b for a, b in zip(pair.under(sides, silent, 0, "layer"), sides, strict=True))  # bit for bit
    assert np.abs(pair.weights(sides, scale) - w).max() < 1e-14 * np.abs(w).max() * HIGH / LOW
    exact = pair.weights(pair.under(sides, [Quantiser(16)], 0, "layer"), scale)
    assert 0 < np.abs(exact - w).max() <= 0.5 * Quantiser(16).step(LOW, HIGH) / scale * (1 + 1e-6)


def test_one_seed_and_one_effect_change_one_thing():
    pair = ConductancePair(LOW, HIGH)
    noise, faults = ConstantError(absolute=0.1e-6), StuckAt(low=0.1)

    def drawn(effects, seed=0, name="layer"):
        return pair.weights(pair.under(pair.programmed(np.zeros(1000), 1e-4), effects, seed, name), 1e-4)

    alone = drawn([noise])
    assert np.array_equal(alone, drawn([noise]))
    for other in (drawn([noise], 1), drawn([noise], 0, "layer 2")):
        assert abs(np.corrcoef(alone, other)[0, 1]) < 4.5 / np.sqrt(1000)
    assert np.mean(drawn([noise, faults]) == alone) > 0.75, "an effect that joins must not draw the others anew"
    # the two devices of a pair are independent: the spread of a difference is sqrt(2) times that of one
    check_moments(alone, 0.0, np.sqrt(2) * 0.1e-6 / 1e-4)
