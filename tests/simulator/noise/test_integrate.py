"""The engine of noisy runs: what its results depend on, and what they must not depend on."""

import subprocess
import sys
from pathlib import Path
from threading import get_ident

import numpy as np
import pytest

import cellnn
from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.circuits.spec.models import RunSpec
from cellnn.devices.errors import InputError, SimulationError
from cellnn.devices.strachan_taox import StrachanTaOx
from cellnn.devices.text_equations import text_memristor
from cellnn.simulator.noise import integrate_noisy
from cellnn.simulator.problem import Problem
from tests import reference
from tests.simulator.noise.arrays import KELVIN, heun, problem, without

ROOT = Path(__file__).parents[3]
PLAIN, TAOX = ChuaYang(C=1e-15, R=1e6), MCellNN(C=1e-15, R=1e4, V1=0.6, memristor=StrachanTaOx())
A, B = np.array([[0.1, 0.3, 0.0], [0.2, 2.0, -0.3], [0.0, -0.2, 0.1]]), np.array([[0.5, 1, 0], [1, 2, 0], [0, 1, -1]])
U = np.random.default_rng(2).uniform(-1, 1, (7, 1, 5, 6))
RUNS = {"plain": (PLAIN, heun(2e-9, save=4)), "taox": (TAOX, heun(2e-11, save=4))}


def batch(cell, samples=slice(None), boundary="periodic"):
    u = U[samples]
    return problem(cell, A, size=(5, 6), samples=len(u), initial=0.2, boundary=boundary, B=B, u=u)


@pytest.mark.parametrize("name", RUNS)
def test_threads_and_splits_do_not_change_a_bit(name):
    cell, run = RUNS[name]
    setting = {"temperature": KELVIN, "seed": 11}
    whole = integrate_noisy(batch(cell), run, **setting)
    for threads in (2, 3, 20):
        assert np.array_equal(whole.states, integrate_noisy(batch(cell), run, threads=threads, **setting).states)
    for first, last in ((0, 3), (3, 7), (6, 7)):
        part = integrate_noisy(batch(cell, slice(first, last)), run, first_sample=first, **setting)
        assert np.array_equal(whole.states[:, first:last], part.states)
        assert np.array_equal(whole.outputs[first:last], part.outputs)


def test_samples_seeds_and_layers_have_noise_of_their_own():
    alike = problem(PLAIN, A, size=(5, 6), samples=2)
    run = heun(1e-9, save=3)
    one = integrate_noisy(alike, run, temperature=KELVIN, seed=1)
    ends = [one.states[0, 0, -1], one.states[0, 1, -1]]
    ends += [integrate_noisy(alike, run, temperature=KELVIN, seed=2).states[0, 0, -1]]
    ends += [integrate_noisy(alike, run, temperature=KELVIN, seed=1, layer=1).states[0, 0, -1]]
    values = np.concatenate([end.ravel() for end in ends])
    assert len(np.unique(values)) == len(values)


@pytest.mark.parametrize("name", RUNS)
def test_noise_of_no_temperature_is_no_noise(name, monkeypatch):
    """Bit for bit what the equations give without noise in them, whatever the seed."""
    cell, run = RUNS[name]
    cold = [integrate_noisy(batch(cell), run, temperature=0.0, seed=seed) for seed in (1, 2)]
    warm = integrate_noisy(batch(cell), run, temperature=KELVIN, seed=1)
    without(monkeypatch, "amplitude", "drift")
    none = integrate_noisy(batch(cell), run, temperature=KELVIN, seed=1)
    for other in (cold[1], none):
        assert np.array_equal(cold[0].states, other.states)
        assert np.array_equal(cold[0].outputs, other.outputs)
    assert not np.array_equal(cold[0].states, warm.states)


@pytest.mark.parametrize("boundary", ["zero-flux", "periodic", {"fixed": -0.5}])
def test_without_temperature_it_is_the_heun_method_of_quiet_runs(boundary, spec):
    spec["grid"] = {"rows": 5, "columns": 6, "boundary": boundary}
    spec["cell"]["memristor"]["x0"] = 0.3
    spec["layers"][0]["template"] = {"A": A, "B": B, "z": 0.1}
    spec |= {"input": U[0], "initial": 0.2, "run": {"stop": 2.0**-20, "step": 2.0**-27, "method": "heun", "save": 5}}
    circuit = cellnn.load(spec)
    quiet = cellnn.simulate(circuit)["edges"]
    cold = integrate_noisy(Problem(circuit.arrays[0], circuit.input[None]), circuit.run, temperature=0.0, seed=1)
    assert np.array_equal(cold.states[0, 0], quiet["state"].values)
    assert np.array_equal(cold.states[1, 0], quiet["memristor"].values)
    assert np.array_equal(cold.outputs[0], quiet["output"].values)


def test_a_little_noise_moves_an_array_by_little():
    """At 1 nF, microvolts: the trajectory stays SciPy's."""
    cell = MCellNN(V1=0.05, area=0.5, memristor=StrachanTaOx())
    run = heun(2e-6, save=5, step=1e-9)
    paths = integrate_noisy(batch(cell, slice(1), "zero-flux"), run, temperature=KELVIN, seed=1)
    kernels = {"A": A[None, None], "B": B[None, None], "z": np.zeros(1)}
    truth = reference.simulate(
        **kernels, u=U[0], v0=0.2, times=paths.times, V1=0.05, area=0.5, x0=0.1, memristor=reference.TAOX
    )
    distance = np.abs(paths.states[0, 0] - truth.state)
    assert 1e-7 < distance.max() < 5e-5


def test_saved_times_fall_on_steps():
    for step, stop, save, expected in ((3e-11, 1e-9, 11, 2.5e-11), (None, 1e-9, 11, 1e-11), (1e-9, 1e-9, 5, 2.5e-10)):
        paths = integrate_noisy(problem(PLAIN, size=(2, 2)), heun(stop, save, step), temperature=KELVIN, seed=1)
        assert paths.statistics.shortest_step == paths.statistics.longest_step == pytest.approx(expected)
        assert paths.statistics.steps == round(stop / expected)
        assert np.array_equal(paths.times, np.linspace(0, stop, save))
        assert (paths.statistics.engine, paths.statistics.why) == ("noise", "thermal noise at 300 K")


def test_memristor_states_stay_in_0_to_1():
    hot = MCellNN(C=1e-18, R=1e6, memristor=text_memristor("1e-6*v", "1e13*v", {}))
    x = integrate_noisy(problem(hot, x0=0.5), heun(2e-12, save=20), temperature=2000.0, seed=1).states[1]
    assert x.min() == 0.0 and x.max() == 1.0


def test_progress_is_told_from_the_calling_thread():
    told = []
    setting = {"temperature": KELVIN, "seed": 1, "threads": 2}
    integrate_noisy(batch(PLAIN), heun(1e-9, save=5), **setting, progress=lambda s: told.append((s, get_ident())))
    assert told == [(share, get_ident()) for share in (0.25, 0.5, 0.75, 1.0)]


@pytest.mark.parametrize("method", ["rk4", "dopri5"])
def test_other_methods_are_refused(method):
    with pytest.raises(InputError, match=rf"run\.method: got '{method}'.*write heun"):
        integrate_noisy(problem(PLAIN), RunSpec(stop=1e-9, method=method), temperature=KELVIN, seed=1)


def test_a_temperature_out_of_range_is_refused():
    with pytest.raises(InputError, match=r"hardware\.noise\.temperature: got -1.*0 to 2000 K"):
        integrate_noisy(problem(PLAIN), heun(1e-9), temperature=-1.0, seed=1)


def test_a_memristor_that_is_a_source_is_refused():
    source = MCellNN(memristor=text_memristor("1e-6*x + 1e-3*v", "0*v", {}))
    with pytest.raises(InputError, match=r"cell\.memristor\.current: got '1e-06 A'; expected no current at 0 V"):
        integrate_noisy(problem(source), heun(1e-6), temperature=KELVIN, seed=1)


@pytest.mark.parametrize("threads", [1, 3])
def test_too_long_a_step_is_a_clear_error(threads):
    stiff = batch(MCellNN(C=1e-15, R=1e6, V1=0.3, memristor=StrachanTaOx()))
    with pytest.raises(SimulationError, match=r"ran away: .* V at t = .* of cell \(channel 0, .* of sample \d: try"):
        integrate_noisy(stiff, heun(1e-9, step=1e-11), temperature=KELVIN, seed=1, threads=threads)


def test_too_many_steps_are_refused():
    with pytest.raises(SimulationError, match="100000000 steps of 1e-11 s are more than 2000000"):
        integrate_noisy(problem(PLAIN), heun(1e-3), temperature=KELVIN, seed=1)


def test_a_second_process_starts_from_the_cache_without_sympy_or_torch():
    code = (
        "import sys; from tests.simulator.noise.test_integrate import *;"
        "[integrate_noisy(batch(cell), run, temperature=300.0, seed=1) for cell, run in RUNS.values()];"
        "print([m for m in ('torch', 'sympy', 'matplotlib') if m in sys.modules])"
    )
    for _ in range(2):
        run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
