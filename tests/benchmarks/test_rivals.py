"""The rivals' side solves the same equations: against closed forms, a dense matrix, and the project."""

import numpy as np
import pytest

import cellnn
from benchmarks.euler_throughput import two_passes
from benchmarks.euler_throughput.run import A, B, numba_taox, picture
from benchmarks.ode_libraries.arrays import RC, BenchArray, many_channels, one_channel
from cellnn.devices.registry import make_memristor


def lone_cell(a, start, **more):
    """One cell with self-feedback a: v' = -v + a f(v)."""
    one = np.zeros((1, 1, 3, 3))
    A = one.copy()
    A[0, 0, 1, 1] = a
    v = np.full((1, 1, 1, 1), start)
    return BenchArray("a cell", A, one, np.zeros_like(v), v, "edge", 4.0, ("double",), **more)


def test_the_reference_follows_the_closed_form_through_the_corner():
    """From 0.5 with a = 2: v = 0.5 e^t until it passes 1 at ln 2, then 2 - 2 e^-t."""
    times = (0.5, 1.0, 2.0)
    exact = [0.5 * np.exp(t) if t < np.log(2) else 2 - 2 * np.exp(-t) for t in times]
    assert lone_cell(2.0, 0.5).truth(times).ravel() == pytest.approx(exact, abs=2e-6)


def test_the_spectral_radius_of_the_random_coupling_is_one():
    """Of the whole periodic array's matrix, built entry by entry."""
    channels, size = 3, 5
    weights = many_channels(channels, size, 1).A
    matrix = np.zeros((channels, size, size) * 2)
    for o, n, i, j, k, m in np.ndindex(channels, channels, size, size, 3, 3):
        matrix[o, i, j, n, (i + k - 1) % size, (j + m - 1) % size] += weights[o, n, k, m]
    cells = channels * size * size
    assert np.abs(np.linalg.eigvals(matrix.reshape(cells, cells))).max() == pytest.approx(1.0)


@pytest.mark.parametrize("padding", ["edge", "constant"])
def test_the_spec_is_the_same_array(padding):
    """The project's trajectory of a small array, at a tight tolerance, against the reference's."""
    array = one_channel()
    u = array.u[:, :, :8, :9]
    small = BenchArray("small", array.A, array.B, u, u, padding, 1.0, ("double",))
    spec = small.spec(1.0)
    spec["run"] |= {"rtol": 1e-8, "atol": 1e-8}
    state = cellnn.simulate(cellnn.load(spec))["layer1"]["state"].values[-1]
    assert state == pytest.approx(small.truth((1.0,))[0], abs=5e-6)


@pytest.mark.parametrize("name", ["torchdiffeq", "diffrax"])
@pytest.mark.parametrize("array", [one_channel(), many_channels(3, 12, 2)], ids=["one", "many"])
def test_every_right_hand_side_of_a_library_leads_to_the_reference(name, array):
    pytest.importorskip(name)
    if name == "torchdiffeq":
        from benchmarks.ode_libraries.with_torchdiffeq import TorchdiffeqSide as Side
    else:
        from benchmarks.ode_libraries.with_diffrax import DiffraxSide as Side
    cut = array.u[..., :12, :12]
    start = cut if array.start.any() else np.zeros_like(cut)
    small = BenchArray("small", array.A, array.B, cut, start, array.padding, 1.0, ("double",))
    library = Side(small, "double")
    for side in library.sides:
        assert library.run(side, 1.0, 1e-9)[0] == pytest.approx(small.truth((1.0,))[0], abs=1e-5)


def test_two_passes_take_the_steps_of_euler():
    """Against the equations in NumPy, one step of a plain array."""
    v = picture(6).astype(np.float32)
    feed = np.full_like(v, 0.25)
    y = np.pad(np.clip(v, -1, 1), 1, mode="edge").astype(float)
    drive = 0.25 + sum(A[k, m] * y[k : k + 6, m : m + 6] for k in range(3) for m in range(3))
    expected = v + 0.01 * (drive - v)
    two_passes.plain(v, feed, A.astype(np.float32), np.float32(0.01), 1, two_passes.padded(v))
    assert v == pytest.approx(expected, abs=1e-6)


def test_two_passes_of_the_memristor_array_take_the_steps_of_its_equations():
    """At 0.7 V, where memristors switch, against the device's own equations in NumPy."""
    device = make_memristor("strachan-taox", {})
    names = ("Gm", "a", "b", "A", "s_off", "x_off", "beta", "B", "s_on", "x_on", "s_p")
    v, x = picture(6) * 0.7, np.full((6, 6), 0.15)
    drive = sum(
        A[k, m] * np.pad(np.clip(v, -0.7, 0.7), 1, mode="edge")[k : k + 6, m : m + 6]
        for k in range(3)
        for m in range(3)
    )
    h = 1e-9
    expected_v = v + h * ((drive - v) / RC - device.current(v, x) / 1e-9)
    expected_x = np.clip(x + h * device.rate(v, x), 0, 1)
    parameters = tuple(getattr(device, name) for name in names)
    two_passes.taox(v, x, np.zeros_like(v), A, 0.7, RC, 1e-9, h, 1, two_passes.padded(v), parameters)
    assert np.ptp(x) > 1e-6  # some have moved
    assert v == pytest.approx(expected_v, rel=1e-12, abs=1e-15)
    assert x == pytest.approx(expected_x, rel=1e-12)


def test_the_taox_rival_starts_where_the_benchmark_says():
    assert numba_taox(8)(0) == pytest.approx(picture(8) * 0.1)
    assert B.shape == (3, 3)
