"""However an array is cut into tiles, blocks and threads: the same bits, and those of plain NumPy."""

import numpy as np
import pytest

import cellnn
from cellnn.devices.errors import SimulationError
from cellnn.simulator.compiled import plan
from cellnn.simulator.compiled.engine import integrate_compiled
from cellnn.simulator.problem import Problem
from tests import reference

BOUNDARIES = ["zero-flux", "periodic", {"fixed": -0.5}]
SHAPES = [(1, 1), (2, 3), (9, 7), (40, 33), (33, 150)]
KERNELS = [(3, 3), (5, 5), (1, 5), (5, 1), (7, 3)]


def problem(shape, boundary, kernel=(3, 3), channels=1, memristive=False, samples=1, seed=0, **run):
    rng = np.random.default_rng(seed)
    rows, columns = shape
    cell = {"circuit": "chua-yang", "output": {"leak": 0.1}}
    if memristive:
        x0 = rng.uniform(0.02, 0.6, (channels, rows, columns))
        memristor = {"model": "strachan-taox", "x0": x0, "area": 0.5}
        cell |= {"circuit": "m-cellnn", "voltage_unit": 0.1, "memristor": memristor}
    spec = {
        "cellnn": 1,
        "grid": {"rows": rows, "columns": columns, "boundary": boundary},
        "cell": cell,
        "layers": [
            {
                "channels": channels,
                "template": {
                    "A": rng.normal(size=(channels, channels, *kernel)) / 3,
                    "B": rng.normal(size=(channels, channels, *kernel)),
                    "z": rng.normal(size=channels),
                },
            }
        ],
        "input": rng.uniform(-1, 1, (samples, channels, rows, columns)),
        "initial": rng.uniform(-1, 1, (channels, rows, columns)),
        "run": {"stop": "1us", "save": 8, **run},
    }
    circuit = cellnn.load(spec)
    return Problem(circuit.arrays[0], circuit.input), circuit.run


def euler(problem, run):
    """The trajectories by NumPy alone, in steps of RC/100."""
    array, cell = problem.array, problem.array.cell
    kind = array.boundary.kind
    boundary = ("fixed", array.boundary.value) if kind == "fixed" else kind
    A, B, z = array.template.A, array.template.B, array.template.z
    u = problem.u[0]
    feed = reference.correlate(B, reference.pad(u, B, boundary)) + z[:, None, None]
    s = problem.start[0, 0] / cell.V1
    h, saved = 0.01, [s]
    for _ in range(100):
        drive = reference.correlate(A, reference.pad(reference.saturation(s, 0.1), A, boundary)) + feed
        s = s + h * (drive - s)
        saved.append(s)
    return np.array(saved) * cell.V1


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_fixed_steps_are_those_of_numpy(boundary, kernel):
    for shape in SHAPES:
        for channels in (1, 3):
            case, run = problem(shape, boundary, kernel, channels, method="euler", save=11)
            ours = integrate_compiled(case, run).states[0, 0]
            assert np.abs(ours - euler(case, run)[::10]).max() < 1e-12


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize(
    ("shape", "kernel"),
    [((4, 530), (3, 3)), ((12, 548), (5, 5)), ((9, 512), (3, 3)), ((2, 3000), (7, 7)), ((1, 5000), (7, 3)),
     ((3000, 2), (7, 7)), ((70, 600), (3, 3)), ((9, 600), (1, 1))],
)  # fmt: skip
def test_long_and_flat_arrays(shape, kernel, boundary):
    """Strips as wide as a padded row, and arrays with fewer rows than the kernel reaches."""
    case, run = problem(shape, boundary, kernel, method="euler", save=3)
    truth = euler(case, run)[::50]
    for threads in (1, 2):
        ours = integrate_compiled(case, run, threads=threads).states[0, 0]
        assert np.abs(ours - truth).max() < 1e-12
    case, run = problem(shape, boundary, kernel, method="rk4", stop="0.1us", step="20ns", save=2)
    one, two = (integrate_compiled(case, run, threads=n).states for n in (1, 3))
    assert np.isfinite(one).all() and np.array_equal(one, two)


def test_a_memristor_state_that_is_no_number_fails_at_fixed_steps_too():
    case, run = problem((4, 5), "zero-flux", memristive=True, method="euler")
    case.start[1, 0, 0, 2, 3] = np.nan
    with pytest.raises(SimulationError, match=r"not finite .* state x of cell \(channel 0, row 2, column 3\)"):
        integrate_compiled(case, run)


def small_tiles(monkeypatch):
    """From now on, small arrays are cut into many blocks and strips."""
    monkeypatch.setattr(plan, "WHOLE", 0)
    monkeypatch.setattr(plan, "BLOCK", 800)
    monkeypatch.setattr(plan, "STRIP", 40)


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("memristive", [False, True], ids=["plain", "TaOx"])
@pytest.mark.parametrize("method", ["euler", "rk4", "heun", "bs3", "dopri5", "ros34pw2"])
def test_tiles_threads_and_company_make_no_difference(boundary, memristive, method, monkeypatch):
    cases = []
    for shape in [(2, 3), (9, 7), (33, 90)]:
        for kernel in ((3, 3), (5, 1)):
            fixed = method in ("euler", "rk4", "heun")
            tolerances = {} if fixed else {"rtol": 1e-3, "atol": 1e-4}
            case, run = problem(
                shape, boundary, kernel, 2, memristive, samples=2, method=method, stop="0.3us", **tolerances
            )
            whole = integrate_compiled(case, run, threads=1)
            alone = integrate_compiled(Problem(case.array, case.u[1:]), run)
            assert np.array_equal(whole.states[:, 1], alone.states[:, 0])
            cases.append((case, run, whole))
    small_tiles(monkeypatch)
    for case, run, whole in cases:
        for threads in (1, 2, 3):
            cut = integrate_compiled(case, run, threads=threads)
            assert np.array_equal(cut.states, whole.states)
            assert np.array_equal(cut.outputs, whole.outputs)
            assert cut.statistics.steps == whole.statistics.steps


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
@pytest.mark.parametrize("method", ["bs3", "dopri5"])
def test_stages_in_one_loop_have_the_same_bits(boundary, single, method, monkeypatch):
    """Plain cells of one channel, whole arrays of which take the blocks' steps, others those of rows."""
    cases = []
    for shape in [(1, 9), (2, 3), (9, 7), (17, 33), (41, 90)]:
        for kernel in ((3, 3), (1, 3), (3, 1), (1, 1)):
            case, run = problem(shape, boundary, kernel, method=method, stop="2us", save=2, rtol=1e-3, atol=1e-4)
            cases.append((case, run, integrate_compiled(case, run, single=single)))
    small_tiles(monkeypatch)
    for case, run, whole in cases:
        for threads in (1, 2, 3):
            cut = integrate_compiled(case, run, single=single, threads=threads)
            assert np.array_equal(cut.states, whole.states)
            assert cut.statistics.steps == whole.statistics.steps > 2


def test_saved_outputs_are_those_of_the_saved_states():
    case, run = problem((20, 30), "zero-flux", memristive=True)
    found = integrate_compiled(case, run)
    v1 = case.array.cell.V1
    assert found.outputs == pytest.approx(v1 * reference.saturation(found.states[0] / v1, 0.1), abs=1e-15)


def test_single_precision_follows_double():
    for memristive in (False, True):
        case, run = problem((20, 30), "periodic", memristive=memristive, rtol=1e-5, atol=1e-6)
        double, single = (integrate_compiled(case, run, single=flag) for flag in (False, True))
        assert single.states.dtype == np.float32
        scale = np.ptp(double.states[0])
        assert 0 < np.abs(single.states[0] - double.states[0]).max() < 1e-4 * scale
