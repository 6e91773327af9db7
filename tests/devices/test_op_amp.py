"""The op-amp's equations against textbook formulas, integrated by SciPy."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cellnn.circuits.cells import ChuaYang, MCellNN, MemristiveOpAmpCell, OpAmpCell
from cellnn.devices.errors import InputError
from cellnn.devices.op_amp import OpAmp

IDEAL = {"A0": 1e12, "slew_rate": 1e15, "low_rail": -1e3, "high_rail": 1e3}


def waveform(rate, times, start=0.0):
    """The pole's voltage, where dp/dt = rate(t, p)."""
    step = (times[-1] - times[0]) / 400  # short enough that no kink is stepped over
    found = solve_ivp(rate, times[[0, -1]], [start], "Radau", times, rtol=1e-9, atol=1e-11, max_step=step)
    assert found.success
    return found.y[0]


@pytest.mark.parametrize("gain", [0.0, 1.0, 12.0])
def test_a_closed_loop_is_as_wide_as_gbw_over_its_noise_gain(gain):
    """An inverting amplifier of gain g: one pole at GBW/(1 + g). With g = 0 it is a follower of its plus input."""
    op = OpAmp(GBW=3e6, **IDEAL)
    tau = (1 + gain) / (2 * np.pi * 3e6)
    times = np.linspace(0, 5 * tau, 50)
    if gain == 0:
        p, ends = waveform(lambda t, p: op.pole_rate(op.source(p), p, 1.0), times), 1.0
    else:
        p, ends = waveform(lambda t, p: op.pole_rate((gain * 1.0 + p) / (1 + gain), p), times), -gain
    np.testing.assert_allclose(p, ends * (1 - np.exp(-times / tau)), atol=1e-6 * abs(ends))


@pytest.mark.parametrize(("A0", "GBW"), [(2e5, 3e6), (1e3, 1e6), (1.0, 50.0)])
def test_the_open_loop_has_one_pole_and_the_gain_a0(A0, GBW):
    """From the linear equation dp/dt = w v_d - k p: gain w/k at DC, and w/|i Omega + k| at Omega."""
    op = OpAmp(A0, GBW, **{k: v for k, v in IDEAL.items() if k != "A0"})
    w, k = -op.pole_rate(1e-6, 0.0) / 1e-6, -op.pole_rate(0.0, 1e-6) / 1e-6
    assert w / k == pytest.approx(A0, rel=1e-9)
    at_gbw = w / abs(2j * np.pi * GBW + k)
    assert at_gbw == pytest.approx(A0 / np.sqrt(1 + A0**2), rel=1e-9)  # 1 where A0 is large
    assert op.pole_rate(-1e-6, 0.0) == -op.pole_rate(0.0, 0.0, -1e-6)


SR = 1e6
FULL_POWER = SR / (2 * np.pi * 5)


@pytest.mark.parametrize(("frequency", "start", "amplitude", "rel"), [
    (0.5 * FULL_POWER, 0.0, 5.0, 1e-3),
    (60 * FULL_POWER, -SR / (4 * 60 * FULL_POWER), SR / (4 * 60 * FULL_POWER), 1e-2),
])  # fmt: skip
def test_a_follower_takes_a_sine_up_to_its_full_power_bandwidth(frequency, start, amplitude, rel):
    """5 V pass undistorted up to SR / (2 pi 5 V); far beyond, a triangle of SR / (4 f) comes out. It begins at its
    lowest, as the output turns where the input passes it."""
    op = OpAmp(1e12, 1e9, SR, -1e3, 1e3)
    times = np.linspace(0, 4 / frequency, 2000)
    found = waveform(lambda t, p: op.pole_rate(p, p, 5.0 * np.sin(2 * np.pi * frequency * t)), times, start)[1000:]
    assert 0.5 * np.ptp(found) == pytest.approx(amplitude, rel=rel)
    assert np.abs(np.diff(found)).max() / times[1] <= SR * (1 + 1e-6)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("overload", [1e-3, 50.0])
def test_an_overloaded_amplifier_rests_at_its_rail_and_recovers_with_its_time_constant(sign, overload):
    """The pole goes beyond the rail by min(w v_d, SR)/w only; the output not at all."""
    op = OpAmp(1e12, 3e6, 13e6, -5.0, 7.0)
    rail, w = (7.0 if sign > 0 else -5.0), 2 * np.pi * 3e6
    times = np.linspace(0, 2e-5 if overload > 1 else 2e-3, 100)
    p = waveform(lambda t, p: op.pole_rate(0.0, p, sign * overload), times)
    assert p[-1] - rail == pytest.approx(sign * min(w * overload, 13e6) / w, rel=1e-6)
    assert op.source(p[-1]) == rail
    # the other way, gently: until it is back at the rail, what is beyond it falls as exp(-w t)
    beyond, gently = abs(p[-1] - rail), 1e-4
    times = np.linspace(0, np.log(1 + beyond / gently) / w, 50)
    back = waveform(lambda t, p: op.pole_rate(0.0, p, -sign * gently), times, p[-1])
    expected = (beyond + gently) * np.exp(-w * times) - gently
    np.testing.assert_allclose(sign * (back - rail), expected, atol=1e-6 * beyond)


@pytest.mark.parametrize(("plus", "minus", "offset"), [(0.0, 2e-3, 2e-3), (1.0, 1.0, 0.0), (-0.5, -0.4, 0.1)])
def test_the_offset_is_in_series_with_the_plus_input(plus, minus, offset):
    assert OpAmp(offset=offset).pole_rate(minus, 0.0, plus) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"A0": 0.5}, {"GBW": 0}, {"slew_rate": -1.0}, {"low_rail": 0.0}, {"high_rail": -1.0}, {"noise": -1e-9},
              {"offset": float("nan")}, {"output_resistance": -1}, {"A0": float("inf")}],
)  # fmt: skip
def test_what_no_amplifier_is_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=name):
        OpAmp(**wrong)


def test_rails_within_the_voltage_unit_are_refused():
    with pytest.raises(InputError, match=r"op_amp\.rails.*at least the voltage unit, 2 V"):
        OpAmpCell(V1=2.0, op_amp=OpAmp(low_rail=-1.5))
    OpAmpCell(V1=1.5, op_amp=OpAmp(low_rail=-1.5))


@pytest.mark.parametrize("memristive", [False, True])
def test_with_ideal_amplifiers_the_rates_are_those_of_the_ideal_cell(memristive):
    """At n = 0 and o_2 = -g o_1, the state's rate and the output are Chua and Yang's, and no pole moves."""
    ideal, cell = (MCellNN(V1=0.4), MemristiveOpAmpCell(V1=0.4)) if memristive else (ChuaYang(), OpAmpCell())
    rng = np.random.default_rng(3)
    for v, x, drive, loading in rng.uniform(-1, 1, (20, 4)) * [0.5 * ideal.V1, 0.5, 2, 4] + [0, 0.5, 0, 5]:
        states = (v, x)[: len(ideal.states)]
        loaded = cell.loaded(lambda loading=loading: loading)
        full = loaded.start(v, x)
        dv, *others = loaded.rates(drive, *full)
        expected = ideal.rates(drive, *states)
        assert dv == pytest.approx(expected[0], rel=1e-12)
        assert others[: len(expected) - 1] == pytest.approx(expected[1:], rel=1e-12)
        # A0 = 2e5: a pole at p is drawn by w p / A0
        w = 2 * np.pi * 3e6
        np.testing.assert_allclose(others[len(expected) - 1 :], -w / 2e5 * np.array(full[-3:]), rtol=1e-6, atol=1e-6)
        assert loaded.output(*full) == pytest.approx(ideal.output(*states), rel=1e-12)
