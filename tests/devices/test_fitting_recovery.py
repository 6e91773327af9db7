"""Known parameters, found again from currents with noise; the data come from SciPy's integrator, not from ours."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cellnn.devices import InputError
from cellnn.devices.codegen.numba_functions import numba_functions
from cellnn.devices.fitting.fit import FitError, fit_memristor
from cellnn.devices.fitting.measurements import Measurements, Trace
from cellnn.devices.fitting.report import describe, notes, parameters_yaml
from cellnn.devices.fitting.unknowns import make_plan
from cellnn.devices.registry import make_memristor


def triangle(duration, points, up, down):
    time = np.linspace(0, duration, points)
    return time, np.interp(time, duration * np.array([0, 1, 3, 4]) / 4, [0, up, down, 0])


def states(device, time, voltage, x0):
    """SciPy's Radau IIA from sample to sample, under the voltage between them; a run that meets a border, or
    runs away to it faster than SciPy can tell times apart, stays there until the next sample."""
    functions = numba_functions(device)
    x, result = x0, [x0]
    for k in range(time.size - 1):
        span, v0, ramp = time[k + 1] - time[k], voltage[k], voltage[k + 1] - voltage[k]
        if span > 0:
            borders = [border(1e-9, -1), border(1 - 1e-9, 1)]
            run = solve_ivp(
                lambda s, y, a=v0, b=ramp, h=span: functions.rate(a + b * s, y) * h,
                (0, 1), [x], method="Radau", rtol=1e-9, atol=1e-12, max_step=0.25, events=borders,
            )  # fmt: skip
            x = float(np.clip(run.y[0, -1], 0, 1))
            if run.status != 0:  # at a border, or time itself too coarse for a SET that runs away
                rate = float(functions.rate(v0 + ramp * run.t[-1], x)) * span
                assert run.status == 1 or rate > 1e10
                x = 1.0 if rate > 0 else 0.0
        result.append(x)
    return np.array(result)


def border(place, direction):
    def distance(s, y):
        return y[0] - place

    distance.terminal, distance.direction = True, direction
    return distance


def noisy(clean, relative, floor, rng):
    return clean + np.hypot(relative * clean, floor) * rng.standard_normal(clean.size)


def timed(device, drives, x0, relative, floor, seed):
    """A trace for each (time, voltage), with noise."""
    rng, traces = np.random.default_rng(seed), []
    for k, ((time, voltage), start) in enumerate(zip(drives, np.broadcast_to(x0, len(drives)), strict=True)):
        clean = numba_functions(device).current(voltage, states(device, time, voltage, float(start)))
        traces.append(Trace(f"t{k}", voltage, noisy(clean, relative, floor, rng), time))
    return Measurements(tuple(traces))


def deviations(fit, true):
    """(found - true) / standard error of every unknown, on the scale it was sought on."""
    result = {}
    for k, one in enumerate(fit.plan.unknowns):
        truth = true[one.name]
        result[one.name] = (fit.z[k] - one.coordinate(truth)) / fit.uncertainty.of_z[k]
    return result


TAOX = {"Gm": 0.02, "a": 5e-6, "b": 4.0, "A": 1e-9, "s_off": 0.015, "x_on": 0.08, "B": 3e-4}


def test_static_currents_at_several_states_give_the_conduction():
    device = make_memristor("strachan-taox", TAOX)
    rng, v = np.random.default_rng(0), np.linspace(-0.5, 0.5, 40)
    traces = tuple(
        Trace(f"{x}", v, noisy(device.current(v, np.full(40, x)), 0.02, 1e-9, rng), None, np.full(40, x))
        for x in (0.0, 0.01, 0.3, 0.9)
    )
    data = Measurements(traces)
    fit = fit_memristor(make_plan("strachan-taox", data), data)
    found = deviations(fit, TAOX)
    assert set(found) == {"Gm", "a", "b"}
    assert all(abs(z) < 3.5 for z in found.values()), found
    assert all(fit.uncertainty.determined)
    assert fit.device.Gm == pytest.approx(0.02, rel=0.01)
    assert fit.device.b == pytest.approx(4.0, abs=0.1)
    assert 0.015 < fit.noise < 0.025 and fit.r_squared > 0.999
    assert fit.agreed == fit.starts == 8
    assert fit.device.A == 1e-10  # plays no part, stays


def test_sweeps_with_set_and_reset_and_pulses_give_all_of_the_taox_model():
    device = make_memristor("strachan-taox", TAOX)
    drives = [triangle(1e-4, 121, 0.7, -0.85), triangle(100.0, 121, 0.5, -0.65)]
    for v, width in ((0.3, 30.0), (0.4, 1.0), (0.5, 1e-2)):  # growing pulses, each followed by a reading at 0.1 V
        time, voltage = [0.0], [0.0]
        for n in range(-4, 4):
            for wait, volts in ((0, v), (1 / 3, v), (2 / 3, v), (0, 0.1), (0.2, 0.1)):
                time.append(time[-1] + wait * width * 4.0**n)
                voltage.append(volts)
        drives.append((np.array(time), np.array(voltage)))
    x0 = (0.1, 0.1, 0.02, 0.02, 0.02)
    data = timed(device, drives, x0, 0.02, 1e-8, seed=1)
    fit = fit_memristor(make_plan("strachan-taox", data), data, starts=4)
    true = {name: getattr(device, name) for name in device.__dataclass_fields__}
    true |= {f"x0[t{k}]": start for k, start in enumerate(x0)}
    found = deviations(fit, true)
    assert len(found) == 16
    assert all(abs(z) < 3.5 for z in found.values()), found
    for name, share in (("Gm", 0.01), ("s_off", 0.03), ("x_off", 0.03), ("x_on", 0.03), ("s_p", 0.05)):
        assert getattr(fit.device, name) == pytest.approx(true[name], rel=share), name
    assert fit.rms_decades == pytest.approx(0.02 / np.log(10), rel=0.15)


# model, true values, drive, x0, held
CASES = {
    "vteam": (
        {"R_on": 80, "R_off": 1500, "k_off": 8e-4, "k_on": -6, "v_off": 0.05, "v_on": -0.15},
        [triangle(4e-7, 161, 0.3, -0.2), triangle(4e-6, 161, 0.12, -0.19)], 0.7, {"D": None},
    ),
    "yakopcic": (
        {"a1": 0.1, "a2": 0.12, "b": 0.8, "Vp": 0.2, "Vn": 0.25, "Ap": 3000, "An": 2500},
        [triangle(2e-2, 161, 0.5, -0.6), triangle(4e-3, 161, 0.6, -0.6)], 0.3, {"b": 0.8, "eta": None},
    ),
    "linear-ion-drift": (
        {"R_on": 200, "R_off": 1e4, "mu": 2e-14},
        [triangle(4.0, 161, 1.0, -1.0)], 0.6, {"D": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("model", CASES)
def test_sweeps_give_the_parameters_of(model):
    values, drives, x0, held = CASES[model]
    device = make_memristor(model, values)
    data = timed(device, drives, x0, 0.02, 1e-9, seed=3)
    fit = fit_memristor(make_plan(model, data, fix=held), data, starts=4)
    true = {name: getattr(device, name) for name in device.__dataclass_fields__}
    true |= {f"x0[t{k}]": x0 for k in range(len(drives))}
    found = {name: z for name, z in deviations(fit, true).items() if np.isfinite(z)}
    assert set(values) - set(held) <= set(found)
    assert all(abs(z) < 3.5 for z in found.values()), found
    for name in set(values) - set(held):
        assert getattr(fit.device, name) == pytest.approx(values[name], rel=0.25), name


def test_error_bars_cover_the_truth_as_often_as_they_say():
    """68 % within one standard error, 95 % within two, over 40 draws of the noise; to three standard deviations."""
    values, drives, x0, held = CASES["linear-ion-drift"]
    device = make_memristor("linear-ion-drift", values)
    clean = timed(device, drives, x0, 0.0, 0.0, seed=0).traces[0]
    for loss in ("linear", "soft_l1"):
        rng, seen = np.random.default_rng(5), []
        for _ in range(40):
            trace = Trace("t0", clean.voltage, noisy(clean.current, 0.03, 1e-6, rng), clean.time)
            data = Measurements((trace,))
            fit = fit_memristor(make_plan("linear-ion-drift", data, fix=held), data, starts=1, loss=loss)
            assert all(fit.uncertainty.determined)
            seen.append([abs(z) for z in deviations(fit, values | {"x0[t0]": x0}).values()])
        shares = np.array(seen)
        for within, expected in ((1, 0.683), (2, 0.954)):
            share = (shares < within).mean(axis=0)
            assert np.all(np.abs(share - expected) < 3 * np.sqrt(expected * (1 - expected) / 40)), (loss, within, share)


def test_outliers_hardly_move_a_soft_fit():
    device = make_memristor("strachan-taox", TAOX)
    rng, v = np.random.default_rng(4), np.linspace(-0.5, 0.5, 60)
    current = noisy(device.current(v, np.full(60, 0.3)), 0.01, 1e-9, rng)
    current[::10] *= 4
    data = Measurements((Trace("", v, current, None, np.full(60, 0.3)),))
    plan = make_plan("strachan-taox", data, free=["Gm"])
    soft, hard = (fit_memristor(plan, data, loss=loss).device.Gm for loss in ("soft_l1", "linear"))
    assert abs(soft / 0.02 - 1) < 0.02 < 0.1 < abs(hard / 0.02 - 1)


def test_the_scale_of_the_residuals_finds_the_noise():
    device = make_memristor("strachan-taox", TAOX)
    rng, v = np.random.default_rng(6), np.linspace(-0.5, 0.5, 2001)
    current = noisy(device.current(v, np.full(v.size, 0.01)), 0.05, 2e-7, rng)
    data = Measurements((Trace("", v, current, None, np.full(v.size, 0.01)),))
    fit = fit_memristor(make_plan("strachan-taox", data), data)
    assert fit.noise == pytest.approx(0.05, rel=0.1)
    assert fit.noise * fit.i0 == pytest.approx(2e-7, rel=0.3)
    known = fit_memristor(make_plan("strachan-taox", data), data, noise=(0.05, 2e-7))
    assert known.chi == pytest.approx(1, abs=0.06)
    wrong = fit_memristor(make_plan("strachan-taox", data), data, noise=(0.01, 4e-8))
    assert wrong.chi == pytest.approx(5, rel=0.1)
    assert any("times the noise" in text for text in notes(wrong))


def test_what_the_data_do_not_determine_is_told():
    """Of mu and D only mu/D^2 enters. A sweep that does not reach x = 0 does not tell R_off from x0 and mu."""
    values, drives, x0, held = CASES["linear-ion-drift"]
    short = timed(make_memristor("linear-ion-drift", values), [triangle(0.6, 161, 0.5, -1.0)], x0, 0.02, 1e-9, seed=3)
    told = notes(fit_memristor(make_plan("linear-ion-drift", short, fix=held), short, starts=2))
    assert any("of R_off, mu and x0[t0] only a combination is determined" in text for text in told)
    data = timed(make_memristor("linear-ion-drift", values), drives, x0, 0.02, 1e-9, seed=3)
    fit = fit_memristor(make_plan("linear-ion-drift", data), data, starts=2)
    by_name = dict(zip((one.name for one in fit.plan.unknowns), fit.uncertainty.determined, strict=True))
    assert by_name["R_on"] and by_name["R_off"] and not by_name["D"] and not by_name["mu"]
    assert any("of D and mu only a combination is determined" in text for text in notes(fit))
    content = describe(fit)
    assert content["parameters"]["D"]["standard_error"] is None
    assert content["parameters"]["mu"]["determined"] is False
    assert "# mu: not determined" in parameters_yaml(fit, "here")


def test_far_more_parameters_than_the_data_determine_still_come_to_an_end():
    """One gentle sweep for the twelve of mladenov-a9: a valley without end, in which chi squared no longer falls."""
    device = make_memristor("mladenov-a9", {"Gm": 0.03, "s_off": 0.014})
    data = timed(device, [triangle(1.0, 161, 0.47, -0.47)], 0.3, 0.02, 1e-8, seed=1)
    fit = fit_memristor(make_plan("mladenov-a9", data), data, starts=2)
    assert fit.rms_decades == pytest.approx(0.02 / np.log(10), rel=0.2)
    by_name = dict(zip((one.name for one in fit.plan.unknowns), fit.uncertainty.determined, strict=True))
    assert by_name["Gm"] and by_name["h"] and not by_name["B"] and not by_name["s_on"]
    (told,) = [text for text in notes(fit) if text.startswith("these data do not determine")]
    assert "B, s_on" in told


def test_a_parameter_at_its_bound_is_told():
    v = np.linspace(-1, 1, 21)
    current = 30.0 * v  # more than the 10 S a Gm may have
    data = Measurements((Trace("", v, current, None, np.ones(21)),))
    fit = fit_memristor(make_plan("strachan-taox", data, free=["Gm"]), data)
    assert fit.uncertainty.at_bound == (True,) and fit.device.Gm == pytest.approx(10, rel=1e-3)
    assert any("Gm is at an end of its range" in text for text in notes(fit))


def test_a_fit_that_does_not_converge_is_an_error(monkeypatch):
    from cellnn.devices.fitting import fit as module

    monkeypatch.setattr(module, "LONG", 1)
    monkeypatch.setattr(module, "SHORT", 1)
    values, drives, x0, held = CASES["linear-ion-drift"]
    data = timed(make_memristor("linear-ion-drift", values), drives, x0, 0.02, 1e-9, seed=3)
    with pytest.raises(FitError, match="did not converge"):
        fit_memristor(make_plan("linear-ion-drift", data, fix=held), data, starts=1)


def test_the_same_seed_gives_the_same_fit():
    values, drives, x0, held = CASES["linear-ion-drift"]
    data = timed(make_memristor("linear-ion-drift", values), drives, x0, 0.02, 1e-9, seed=3)
    plan = make_plan("linear-ion-drift", data, fix=held)
    first, second = (fit_memristor(plan, data, starts=3, seed=7) for _ in range(2))
    assert np.array_equal(first.z, second.z)


@pytest.mark.parametrize(
    ("options", "place", "fragment"),
    [
        ({"free": ["Gn"]}, "free", "did you mean Gm?"),
        ({"free": ["A"]}, "free", "enters"),
        ({"free": ["Gm"], "fix": {"Gm": 0.1}}, "fix", "not both"),
        ({"fix": {"Gm": 100.0}}, "fix.Gm", "from 1e-09 to 10"),
        ({"start": {"Gm": -1.0}}, "start.Gm", "from 1e-09 to 10"),
        ({"fix": {"Gm": None, "a": None, "b": None}}, "free", "at least one parameter"),
        ({"parameter_set": "ltspice"}, "parameters.set", "parameter set"),
        ({"x0": 0.5}, "x0", "column x"),
    ],
)
def test_options_that_do_not_fit(options, place, fragment):
    v = np.linspace(-1, 1, 21)
    data = Measurements((Trace("", v, 1e-3 * v, None, np.full(21, 0.1)),))
    with pytest.raises(InputError) as caught:
        make_plan("strachan-taox", data, **options)
    assert caught.value.place == place and fragment in str(caught.value)


def test_fewer_points_than_unknowns_and_dead_currents_are_refused():
    v = np.array([0.1, 0.2, 0.3])
    with pytest.raises(InputError, match="fewer unknowns than the 3 points"):
        make_plan("strachan-taox", Measurements((Trace("", v, 1e-3 * v, None, 0 * v),)))
    dead = Measurements((Trace("", np.tile(v, 3), np.zeros(9), None, np.zeros(9)),))
    with pytest.raises(InputError, match="not all 0"):
        fit_memristor(make_plan("strachan-taox", dead), dead)
