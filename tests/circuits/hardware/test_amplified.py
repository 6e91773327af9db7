"""The reduced amplifiers against the circuit that has them, and against closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang, MCellNN, MemristiveOpAmpCell, OpAmpCell
from cellnn.circuits.hardware.amplified import Amplified, amplified
from cellnn.circuits.outputs import Rectifier, Saturation
from cellnn.circuits.spec.models import RunSpec
from cellnn.circuits.template import Template
from cellnn.devices.errors import InputError
from cellnn.devices.op_amp import OpAmp
from cellnn.diffusion.deployment.delay import Delay
from cellnn.simulator.engines import integrate
from cellnn.simulator.problem import Problem

R, C, STOP = 1e3, 100e-9, 4e-4
FAST = {"slew_rate": 1e17}
IDEAL = {"chua-yang": ChuaYang(C, R, 1.0), "m-cellnn": MCellNN(C, R, 0.05, area=0.1)}
FULL = {"chua-yang": OpAmpCell(C, R, 1.0), "m-cellnn": MemristiveOpAmpCell(C, R, 0.05, area=0.1)}


def array(cell, rows=4, seed=0):
    """Random templates, a zero-flux edge, random starts."""
    rng = np.random.default_rng(seed)
    A, B = rng.uniform(-0.3, 0.3, (3, 3)), rng.uniform(-1, 1, (3, 3))
    A[1, 1] += 1.5
    start, x0 = rng.uniform(-1, 1, (1, rows, rows)), rng.uniform(0.05, 0.3, (1, rows, rows))
    template = Template.of(A=A, B=B, z=-0.2, channels=1)
    return CellArray("a", cell, template, Boundary("zero-flux"), rows, rows, start, x0)


def at_the_stop(array, run, states=None):
    u = np.random.default_rng(9).uniform(-1, 1, (1, 1, array.rows, array.columns))
    found = integrate(Problem(array, u, states), run)
    return found.states[:, :, -1], found.outputs[:, 0], found.outputs[:, -1]


def reduced(array, stop, steps):
    """Runge-Kutta's steps, and what is late in between."""
    delay = Delay.of(array, stop / steps)
    run = RunSpec.model_validate({"stop": stop / steps, "method": "rk4", "step": stop / steps, "save": 2})
    states = None
    for _ in range(steps):
        states, before, after = at_the_stop(array, run, states)
        states = np.array(states)
        states[0] += delay.moved(before, after)
    return states


@pytest.mark.parametrize("offset, A0", [(0.0, 2e5), (1e-3, 1e3)])
@pytest.mark.parametrize("kind", ["chua-yang", "m-cellnn"])
def test_what_is_left_out_falls_with_the_square_of_the_bandwidth(kind, offset, A0):
    """During the transient, where it matters; the steps shrink with the delay, as their error is in proportion to
    both. 1/A0 and the offset fall with 1/GBW where they are large: the whole circuit starts from ideal voltages, which
    are then off by as much, for a time of 1/w. The rails are so near that the limiter's gain is small."""
    run = RunSpec.model_validate({"stop": STOP / 4, "save": 2, "rtol": 1e-10, "atol": 1e-13})
    V1, errors, without = IDEAL[kind].V1, [], []
    for times in (1, 4):
        limits = {"GBW": times * 3e6, "A0": times * A0, "offset": offset * V1 / times, **FAST}
        op_amp, steps = OpAmp(low_rail=-9 * V1, high_rail=9 * V1, **limits), times * 25
        full = array(replace(FULL[kind], op_amp=op_amp))
        small = array(amplified(IDEAL[kind], op_amp, full.cell.loading))
        expected = at_the_stop(full, run)[0][0]
        errors.append(np.abs(reduced(small, STOP / 4, steps)[0] - expected).max() / V1)
        without.append(np.abs(at_the_stop(array(IDEAL[kind]), run)[0][0] - expected).max() / V1)
    assert errors[0] < 0.1 * without[0] and without[0] > 1e-2
    assert errors[1] < errors[0] / 12


@pytest.mark.parametrize("kind", ["chua-yang", "m-cellnn"])
def test_rest_is_that_of_the_whole_circuit(kind):
    """Exactly, at a gain of a hundred and with offsets: nothing of what is static is left out."""
    V1 = IDEAL[kind].V1
    op_amp = OpAmp(GBW=1e9, A0=100.0, offset=3e-3 * V1, low_rail=-9 * V1, high_rail=9 * V1, **FAST)
    full = array(replace(FULL[kind], op_amp=op_amp))
    small = array(amplified(IDEAL[kind], op_amp, full.cell.loading))
    run = RunSpec.model_validate({"stop": 15 * R * C, "save": 2, "rtol": 1e-10, "atol": 1e-13})
    (v, *_), _, y = at_the_stop(small, run)
    (v_full, *_), _, y_full = at_the_stop(full, run)
    assert np.abs(v - v_full).max() < 2e-6 * V1 and np.abs(y - y_full).max() < 2e-6 * V1
    ideal = at_the_stop(array(IDEAL[kind]), run)[0][0]
    assert np.abs(v - ideal).max() > 1e-2 * V1


def settled(cell, drive):
    """The rest of a cell under a constant drive [V], by small steps."""
    v = np.zeros_like(np.asarray(drive, float))
    for _ in range(4000):
        v = v + 0.01 * cell.R * cell.C * cell.rates(drive, v)[0]
    return v


def test_offsets_shift_by_the_closed_forms():
    """docs/cells.md: v by -L e1; behind a rectifier of gain 1, y = v + L.. : -(e1 - v) + 2 e2 + e3."""
    cell = amplified(ChuaYang(C, R, 1.0, Rectifier(0.0)), OpAmp(A0=1e15, GBW=1e15, **FAST), loading=20.0)
    cell = replace(cell, integrator_offset=1e-3, stage_offset=2e-3, driver_offset=-5e-4)
    drive = np.array([0.3, 2.0])
    v = settled(cell, drive)
    assert v == pytest.approx(drive - 20 * 1e-3, abs=1e-9)
    assert cell.output(v) == pytest.approx(v - 1e-3 + 2 * 2e-3 - 5e-4, abs=1e-9)


def test_finite_gain_by_the_closed_form():
    """Each stage falls short by 1 / (1 + N/A0); the integrator's noise gain holds for all that flows into its node."""
    A0, L = 50.0, 7.0
    cell = amplified(ChuaYang(C, R, 1.0, Rectifier(0.0)), OpAmp(A0=A0, GBW=1e15, **FAST), loading=L)
    v = settled(cell, np.array([1.0]))
    n = v / (1 + A0)  # what is left at the summing node
    assert v == pytest.approx(1.0 - L * n, abs=1e-9)
    o = v - n
    assert cell.output(v) == pytest.approx(o / (1 + 2 / A0) / (1 + 1 / A0), abs=1e-9)


def test_rails():
    """docs/cells.md: o stops at the rail, v goes on to (D + L V_s) / (1 + L)."""
    cell = amplified(ChuaYang(C, R, 1.0, Rectifier(0.1)), OpAmp(A0=1e15, GBW=1e15, low_rail=-4, high_rail=3), 9.0)
    drive = np.array([20.0, -20.0, 2.0])
    v = settled(cell, drive)
    assert v == pytest.approx([(20 + 9 * 4) / 10, (-20 - 9 * 3) / 10, 2.0], abs=1e-6)
    assert cell.output(v) == pytest.approx([3.0, -0.3, 2.0], abs=1e-6)


def test_bandwidth_makes_the_capacitor_larger_and_the_slew_rate_bounds_it():
    op_amp = OpAmp(A0=1e15, GBW=3e6)
    cell = amplified(ChuaYang(C, R), op_amp, loading=50.0)
    slower = 1 + 50 / (2 * np.pi * 3e6 * R * C)
    assert cell.rates(0.2, 0.0)[0] == pytest.approx(0.2 / (R * C * slower), rel=1e-12)
    assert slower == pytest.approx(1.02653, rel=1e-5)
    slow = amplified(ChuaYang(C, R), replace(op_amp, slew_rate=1e3), loading=50.0)
    assert slow.rates(np.array([5.0, -5.0, 0.01]), 0.0)[0] == pytest.approx([1e3, -1e3, 100 / slower], rel=1e-9)
    # docs/cells.md: (3 + g)/w
    assert amplified(ChuaYang(C, R, 2.0), op_amp, 0.0).delay == pytest.approx((3 + 6) / (2 * np.pi * 3e6))
    assert amplified(ChuaYang(C, R, 2.0, Rectifier()), op_amp, 0.0).delay == pytest.approx(4 / (2 * np.pi * 3e6))


@pytest.mark.parametrize("ideal", [*IDEAL.values(), ChuaYang(C, R, 1.0, Rectifier(0.01))])
def test_amplifiers_without_limits_are_the_ideal_cell(ideal):
    op_amp = OpAmp(A0=1e15, GBW=1e15, slew_rate=1e18, low_rail=-1e4, high_rail=1e4)
    run = RunSpec.model_validate({"stop": STOP, "save": 2, "method": "rk4", "step": STOP / 80})
    expected = at_the_stop(array(ideal), run)
    found = at_the_stop(array(amplified(ideal, op_amp, 9.0)), run)
    for a, b in zip(found, expected, strict=True):
        assert np.abs(a - b).max() < 1e-10 * max(1.0, np.abs(b).max())


def test_what_no_amplifier_can_do_is_refused():
    with pytest.raises(InputError, match="leak.*saturates without a slope"):
        Amplified(stage=Saturation(0.1))
    with pytest.raises(InputError, match="rails.*voltage unit, 5 V"):
        Amplified(V1=5.0, op_amp=OpAmp(low_rail=-3, high_rail=3))
    with pytest.raises(InputError, match="op_amp.*chua-yang or m-cellnn"):
        amplified(OpAmpCell(), OpAmp(), 1.0)
