"""The loop over a batch, with a stepper of plain NumPy: steps, saved times, settling, failures."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from cellnn.circuits.spec.models import RunSpec
from cellnn.devices.errors import SimulationError
from cellnn.simulator.batched import failures
from cellnn.simulator.batched.loop import integrate_batch
from cellnn.simulator.problem import Problem
from cellnn.simulator.steppers import STEPPERS

from .arrays import problem, truth
from .numpy_stepper import NumpyStepper

RC = 1e-6


def run_of(**given):
    return RunSpec(**{"stop": 3e-6, "save": 7} | given)


def run(given, spec, method=None):
    stepper = NumpyStepper(given, STEPPERS[method or spec.method])
    return integrate_batch(given, spec, stepper, "test")


@pytest.mark.parametrize("method", ["dopri5", "bs3"])
def test_adaptive_runs_are_as_accurate_as_asked(method):
    given = problem(2, 4, 5, samples=3)
    result = run(given, run_of(method=method, rtol=1e-7, atol=1e-9))
    for n in range(3):
        exact = truth(given, result.times, n, rtol=1e-10, atol=1e-12)
        assert np.abs(result.states[0, n] - exact.state).max() < 1e-5
        assert np.abs(result.outputs[n] - exact.output).max() < 1e-5


def test_each_sample_takes_its_own_steps():
    """A sample takes the steps it takes alone, whatever the others do."""
    given = problem(1, 4, 4, samples=3)
    given.u[0] *= 0.01
    spec = run_of(method="dopri5")
    together = run(given, spec)
    alone = [run(Problem(given.array, given.u[n : n + 1]), spec) for n in range(3)]
    assert len({one.statistics.steps for one in alone}) > 1  # they differ indeed
    assert together.statistics.steps == sum(one.statistics.steps for one in alone)
    assert together.statistics.rejected == sum(one.statistics.rejected for one in alone)
    assert together.statistics.evaluations == sum(one.statistics.evaluations for one in alone)
    for n, one in enumerate(alone):
        assert np.array_equal(together.states[:, n], one.states[:, 0])


def test_saved_times_between_steps():
    """Dense output of an Euler step is a straight line."""
    given = problem(1, 3, 3)
    fine = run(given, run_of(method="euler", stop=0.2e-6, step=0.1e-6, save=5))
    half = 0.5 * (fine.states[:, :, 0] + fine.states[:, :, 2])
    assert np.allclose(fine.states[:, :, 1], half, rtol=0, atol=1e-14)


@pytest.mark.parametrize("stop", [3e-6, 0.1 + 0.2, 1e-15, 7.3e5])
def test_the_last_saved_time_is_the_end(stop):
    """One long step, whose end t + h need not be the end in floating point."""
    given = problem(1, 3, 3, R=1e12, C=1.0)  # nothing moves
    result = run(given, run_of(stop=stop, method="dopri5", save=3))
    assert result.times[-1] == stop
    assert np.abs(result.states[0, :, -1] - given.start[0]).max() < 1e-5


@pytest.mark.parametrize("method", ["dopri5", "rk4"])
def test_settled_samples_rest(method):
    """A = 0: v(t) = v_end + (v0 - v_end) exp(-t/RC), so |dv/dt| falls below the bound at a time known."""
    given = problem(1, 3, 4, samples=2, boundary="periodic")
    template = dataclasses.replace(given.array.template, A=np.zeros((1, 1, 1, 1)))
    given = Problem(dataclasses.replace(given.array, template=template), given.u)
    bound = 1e-3
    spec = SimpleNamespace(stop=20e-6, method=method, rtol=1e-8, atol=1e-10, save=401, step=None, settle=bound)
    result = run(given, spec)
    distance = np.abs(given.start[0] - given.feed)  # V1 = 1: the end is the feed
    expected = RC * np.log(distance / bound)
    longest = result.statistics.longest_step
    assert (result.settling >= expected - 1e-9).all() and (result.settling <= expected + longest + 1e-9).all()
    for n in range(2):
        end = result.settling[n].max()
        after = result.states[0, n, result.times > end]
        assert len(after) > 100 and np.array_equal(after, np.broadcast_to(after[0], after.shape))
        assert np.abs(after[0] - given.feed[n]).max() < bound
    assert result.statistics.longest_step < 10e-6


def test_what_does_not_settle_says_so():
    given = problem(1, 3, 3)
    spec = SimpleNamespace(stop=1e-7, method="rk4", save=3, step=None, settle=1e-9)
    assert np.isnan(run(given, spec).settling).all()
    assert run(given, run_of(method="rk4")).settling is None


def test_a_step_too_long_runs_away_in_a_cell_that_is_named():
    given = problem(1, 3, 3, samples=2)
    given.u[0] = 0
    with pytest.raises(SimulationError, match=r"ran away: .* V at t = .*cell \(channel 0, row ., column .\) of sample"):
        run(given, run_of(method="euler", stop=2e-4, step=3e-6))


def test_too_many_fixed_steps_are_refused():
    with pytest.raises(SimulationError, match="more than 2000000: raise run.step"):
        run(problem(1, 3, 3), run_of(method="euler", step=1e-13))


def test_a_rate_that_is_not_finite_at_the_start():
    given = problem(1, 3, 3)

    class Broken(NumpyStepper):
        def first_steps(self, rtol, atol, limit):
            return np.array([np.nan])

        def speeds(self, sample):
            return np.where(np.arange(9).reshape(1, 3, 3) == 5, np.inf, 0.0)

    with pytest.raises(SimulationError, match=r"not finite at t = 0 s in state v of .*channel 0, row 1, column 2\)"):
        integrate_batch(given, run_of(), Broken(given, STEPPERS["dopri5"]), "test")


@pytest.mark.parametrize(("ratio", "text"), [(np.inf, "size collapsed to"), (0.9, "were not enough: t = ")])
def test_steps_that_get_nowhere_end(monkeypatch, ratio, text):
    given = problem(1, 3, 3, samples=2)
    if ratio == 0.9:
        monkeypatch.setattr("cellnn.simulator.batched.loop.MAX_STEPS", 50)

    class Stuck(NumpyStepper):
        def error_ratios(self, h, rtol, atol):
            return np.array([0.5, ratio]), np.array([0, 4])

        def first_steps(self, rtol, atol, limit):
            return np.array([limit, 1e-4 * limit])

    with pytest.raises(SimulationError, match=text + r".*row 1, column 1\) of sample 1.*run.rtol and run.atol"):
        integrate_batch(given, run_of(), Stuck(given, STEPPERS["dopri5"]), "test")


def test_limits_are_those_of_the_other_engines():
    assert failures.MAX_STEPS == 2_000_000 and failures.MAX_REJECTIONS == 300
