import numpy as np
import pytest

from cellnn.plots.style import SIGNED, fraction_limits, signed_limits, unit_for


@pytest.mark.parametrize(
    "largest, symbol, text",
    [
        (2.5e-6, "s", "2.5 µs"),
        (0.1, "V", "100 mV"),
        (999.0, "Hz", "999 Hz"),
        (1000.0, "Hz", "1 kHz"),
        (0.0, "s", "0 s"),
    ],
)
def test_unit_takes_the_prefix_that_suits(largest, symbol, text):
    assert unit_for(largest, symbol).text(largest) == text


def test_signed_limits_are_symmetric_and_hold_everything():
    limits = signed_limits(np.array([-3.0, 1.0]), np.array([2.0, np.nan]), at_least=1.0)
    assert (limits.vmin, limits.vmax) == (-3.0, 3.0)
    assert (signed_limits(np.zeros(3), at_least=0.1).vmax, signed_limits(np.zeros(3)).vmax) == (0.1, 1.0)


def test_signed_map_is_white_at_zero_and_darkest_at_plus_one():
    assert SIGNED(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    brightness = [sum(SIGNED(at)[:3]) for at in (0.0, 0.5, 1.0)]
    assert brightness[2] < 0.4 < brightness[0] < brightness[1]


def test_fraction_limits_are_0_to_1_unless_the_spread_is_small():
    assert (fraction_limits(np.array([0.1, 0.9])).vmin, fraction_limits(np.array([0.1, 0.9])).vmax) == (0, 1)
    narrow = fraction_limits(np.array([0.1, 0.22]))
    assert (narrow.vmin, narrow.vmax) == pytest.approx((0.1, 0.3))
    constant = fraction_limits(np.full(4, 1.0))
    assert 0 <= constant.vmin < constant.vmax <= 1
