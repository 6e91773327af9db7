"""The batched engine against the equations, integrated by SciPy or summed up in plain NumPy."""

import numpy as np
import pytest

from cellnn.circuits.spec.models import RunSpec
from cellnn.devices.errors import InputError, SimulationError
from cellnn.simulator.batched.choose import choose
from cellnn.simulator.batched.integrate import integrate_batched
from cellnn.simulator.batched.loop import integrate_batch
from cellnn.simulator.batched.plan import Plan
from cellnn.simulator.problem import Problem
from cellnn.simulator.steppers import STEPPERS, Tableau

from .arrays import memristive, problem, truth
from .numpy_stepper import NumpyStepper

COUPLINGS = {
    "blocked": dict(channels=9),
    "direct": dict(channels=9, dense=False),
    "direct, one channel": dict(channels=1),
}
EXPLICIT = [name for name, tableau in STEPPERS.items() if isinstance(tableau, Tableau)]


def run_of(**given):
    return RunSpec(**{"stop": 2e-6, "save": 5} | given)


def largest(a, b):
    return float(np.abs(a - b).max())


@pytest.mark.parametrize("boundary", ["zero-flux", "periodic", "fixed"])
@pytest.mark.parametrize("name", COUPLINGS)
def test_as_the_reference(name, boundary):
    given = problem(rows=4, columns=5, samples=2, boundary=boundary, V1=0.5, **COUPLINGS[name])
    assert choose(given, np.dtype(np.float64)).name == name.partition(",")[0]
    result = integrate_batched(given, run_of(stop=1e-6, rtol=1e-8, atol=1e-10))
    exact = truth(given, result.times, 1, rtol=1e-10, atol=1e-12)
    assert largest(result.states[0, 1], exact.state) < 1e-6
    assert largest(result.outputs[1], exact.output) < 1e-6


@pytest.mark.parametrize("method", EXPLICIT)
def test_every_method_takes_the_steps_of_plain_numpy(method):
    """Fixed steps: equal up to rounding, between the steps too. Adaptive: as many rates, up to the first step."""
    given = problem(channels=9, rows=4, columns=5, samples=2)
    spec = run_of(method=method, rtol=1e-9, atol=1e-11, save=8)
    if STEPPERS[method].error is None:
        spec = run_of(method=method, step=0.01e-6, stop=0.33e-6, save=8)
    ours = integrate_batched(given, spec)
    plain = integrate_batch(given, spec, NumpyStepper(given, STEPPERS[method]), "plain")
    fixed = STEPPERS[method].error is None
    assert largest(ours.states, plain.states) < (1e-13 if fixed else 1e-7)
    if fixed:
        assert ours.statistics.steps == plain.statistics.steps == 2 * 33


@pytest.mark.parametrize(
    "size",
    [
        dict(channels=12, rows=1, columns=1),
        dict(channels=12, rows=2, columns=1, kernel=(5, 5)),
        dict(channels=33, rows=3, columns=17),
        dict(channels=3, rows=4, columns=29, kernel=(1, 3)),
        dict(channels=16, rows=5, columns=5, kernel=(3, 13)),
        dict(channels=70, rows=3, columns=5, kernel=(1, 1)),
    ],
    ids=str,
)
@pytest.mark.parametrize("boundary", ["zero-flux", "periodic", "fixed"])
def test_odd_sizes(size, boundary):
    """Kernels wider than the array, lanes and tiles that are not full: one Euler step, by the reference's rates.

    Sizes of one form of tile (`Tile.fitting`) share its machine code, which takes seconds to compile.
    """
    given = problem(boundary=boundary, **size)
    step = 1e-9
    for precision, tolerance in (("double", 1e-13), ("single", 3e-6)):
        result = integrate_batched(given, run_of(method="euler", stop=step, step=step, save=2), precision=precision)
        padded = given.array.boundary.pad(np.clip(given.start[0, 0], -1, 1), *given.array.template.radius)
        A = given.array.template.A
        # the feed has its own test; pad() gives as much as the larger of A and B reaches
        inset = [(r - k // 2) for r, k in zip(given.array.template.radius, A.shape[2:], strict=True)]
        padded = padded[:, inset[0] : padded.shape[1] - inset[0], inset[1] : padded.shape[2] - inset[1]]
        windows = np.lib.stride_tricks.sliding_window_view(padded, A.shape[2:], axis=(1, 2))
        drive = np.einsum("oikl,ircklx->orc", A, windows[..., None]) + given.feed[0]
        exact = given.start[0, 0] + step / 1e-6 * (drive - given.start[0, 0])
        assert largest(result.states[0, 0, -1], exact) < tolerance
        assert largest(result.states[0, 0, -1], given.start[0, 0]) > 1e-4


def test_memristors_that_switch():
    given = memristive()
    result = integrate_batched(given, run_of(rtol=1e-8, atol=1e-10))
    for n in range(2):
        exact = truth(given, result.times, n, rtol=1e-9, atol=1e-11)
        assert np.ptp(exact.memristor, axis=0).max() > 0.03  # they do switch
        assert largest(result.states[0, n], exact.state) < 1e-6
        assert largest(result.states[1, n], exact.memristor) < 1e-6
        assert result.states[1].min() >= 0 and result.states[1].max() <= 1


@pytest.mark.parametrize("make", [lambda: problem(9, 6, 5, 2, V1=0.5), memristive], ids=["plain", "TaOx"])
def test_single_precision(make):
    given = make()
    result = integrate_batched(given, run_of(rtol=1e-5, atol=1e-6), precision="single")
    assert result.states.dtype == result.outputs.dtype == np.float32
    exact = truth(given, result.times, 1)
    assert largest(result.states[0, 1], exact.state) < 1e-4
    if exact.memristor is not None:
        assert largest(result.states[1, 1], exact.memristor) < 1e-4


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("method", ["rk4", "dopri5"])
@pytest.mark.parametrize("name", COUPLINGS)
def test_no_bit_depends_on_threads_or_on_the_rest_of_the_batch(name, method, precision):
    given = problem(rows=6, columns=5, samples=5, **COUPLINGS[name])
    spec = run_of(method=method, stop=1e-6)
    one = integrate_batched(given, spec, precision=precision)
    for threads in (2, 3):
        other = integrate_batched(given, spec, precision=precision, threads=threads)
        assert np.array_equal(one.states, other.states)
        assert one.statistics == other.statistics
    for n in (0, 4):
        alone = integrate_batched(Problem(given.array, given.u[n : n + 1]), spec, precision=precision, threads=2)
        assert np.array_equal(one.states[:, n], alone.states[:, 0])


def test_settled_samples_rest_and_the_others_go_on():
    given = problem(9, 4, 4, samples=3, dense=False)
    spec = RunSpec(stop=30e-6, save=5)
    object.__setattr__(spec, "settle", 1e-3)
    result = integrate_batched(given, spec, threads=2)
    plain = integrate_batch(given, spec, NumpyStepper(given, STEPPERS["dopri5"]), "plain")
    assert np.isfinite(result.settling).any()
    known = np.isfinite(plain.settling)
    assert np.array_equal(np.isfinite(result.settling), known)
    assert largest(result.settling[known], plain.settling[known]) < 2e-6  # steps fall elsewhere
    assert largest(result.states[:, :, -1], plain.states[:, :, -1]) < 2e-3


def test_failures_name_the_cell():
    """One cell of one sample is driven beyond the rest."""
    given = problem(9, 4, 5, samples=3)
    given.u[1, 0, 2, 3] = np.nan
    with pytest.raises(SimulationError, match=r"not finite at t = 0 s in state v of .*channel 0, row 1, column 2\)"):
        integrate_batched(given, run_of())
    with pytest.raises(SimulationError, match="not finite at t = 1e-07 s .*of sample 1: try a shorter run.step"):
        integrate_batched(given, run_of(method="euler", step=1e-7))
    with pytest.raises(SimulationError, match="ran away"):
        integrate_batched(problem(9, 4, 5), run_of(method="euler", stop=1e-3, step=5e-6))


def test_implicit_methods_are_refused():
    implicit = [name for name in STEPPERS if name not in EXPLICIT]
    for name in implicit:
        spec = run_of()
        object.__setattr__(spec, "method", name)
        with pytest.raises(InputError, match="run.method.*dopri5"):
            integrate_batched(problem(1, 3, 3), spec)


@pytest.mark.parametrize("name", EXPLICIT)
def test_a_last_stage_that_is_the_first_of_the_next_step_is_the_proposal(name):
    """What the plan relies on."""
    tableau = STEPPERS[name]
    if tableau.first_same_as_last:
        assert (*tableau.a[-1], 0.0) == tableau.b
    assert len(Plan.of(tableau, np.dtype(np.float64)).follow) == tableau.stages
