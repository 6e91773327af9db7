"""Cells with values of their own, against dense matrices, closed forms and cells integrated one by one."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from cellnn.circuits.own_values import OwnValues
from cellnn.circuits.spec.models import RunSpec
from cellnn.devices.errors import InputError
from cellnn.simulator.batched.integrate import integrate_batched
from cellnn.simulator.problem import Problem

from ... import reference
from .arrays import memristive, problem

RC = 1e-6


def run_of(**given):
    return RunSpec(**{"stop": 1e-6, "save": 4, "rtol": 1e-9, "atol": 1e-11} | given)


def with_own(given, **values):
    return Problem(dataclasses.replace(given.array, own=OwnValues(**values)), given.u)


def neighbours(index, size, boundary):
    if boundary == "periodic":
        return index % size
    return min(max(index, 0), size - 1) if boundary == "zero-flux" else index


def dense_matrix(A, boundary):
    """The matrix (cells, cells) of the weights (out, in, height, width, rows, columns); cells beyond the edge are 0."""
    outs, ins, height, width, rows, columns = A.shape
    cells = np.arange(outs * rows * columns).reshape(outs, rows, columns)
    matrix = np.zeros((cells.size, cells.size))
    for o, n, k, m, i, j in np.ndindex(*A.shape):
        p = neighbours(i + k - height // 2, rows, boundary)
        q = neighbours(j + m - width // 2, columns, boundary)
        if 0 <= p < rows and 0 <= q < columns:
            matrix[cells[o, i, j], cells[n, p, q]] += A[o, n, k, m, i, j]
    return matrix


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("chips", [1, 18])
@pytest.mark.parametrize("boundary", ["zero-flux", "periodic", "grounded"])
def test_weights_of_each_cell_against_the_exponential_of_a_matrix(boundary, chips, threads):
    """In the linear range RC v' = (M - 1) v + feed: v(t) = v_end + exp((M - 1) t/RC) (v0 - v_end)."""
    rng = np.random.default_rng(1)
    given = problem(3, 4, 5, samples=18, boundary=boundary)
    own = rng.normal(size=(chips, 3, 3, 3, 3, 4, 5)) * 0.05
    array = dataclasses.replace(given.array, initial=0.1 * given.array.initial)
    given = with_own(Problem(array, 0.1 * given.u), A=own, z=0.01 * rng.normal(size=(1, 3, 4, 5)))
    result = integrate_batched(given, run_of(), threads=threads)
    for n in range(18):
        matrix = dense_matrix(own[n if chips > 1 else 0], boundary) - np.eye(60)
        end = -np.linalg.solve(matrix, given.feed[n].ravel())
        for time, state in zip(result.times, result.states[0, n], strict=True):
            exact = end + expm(matrix * time / RC) @ (given.start[0, n].ravel() - end)
            assert np.abs(exact).max() < 1  # linear indeed
            assert np.abs(state.ravel() - exact).max() < 1e-8


def test_inputs_weighted_cell_by_cell():
    rng = np.random.default_rng(2)
    given = problem(2, 3, 4, samples=2, boundary="fixed")
    own = rng.normal(size=(2, 2, 2, 3, 3, 3, 4))
    feed = with_own(given, B=own).feed
    padded = np.pad(given.u, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-0.7)
    for n, o, i, j in np.ndindex(2, 2, 3, 4):
        patch = padded[n, :, i : i + 3, j : j + 3]
        assert feed[n, o, i, j] == pytest.approx((own[n, o, :, :, :, i, j] * patch).sum() + given.array.template.z[o])


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("channels", [2, 9])
def test_equal_values_in_all_cells_are_the_shared_ones(channels, precision):
    """Rounding apart: the sums of tiles and of rows go another way round."""
    given = problem(channels, 4, 5, samples=2, V1=0.5)
    t, shape = given.array.template, (channels, 4, 5)
    own = with_own(
        given,
        A=np.broadcast_to(t.A[None, ..., None, None], (1, *t.A.shape, 4, 5)),
        B=np.broadcast_to(t.B[None, ..., None, None], (2, *t.B.shape, 4, 5)),
        z=np.broadcast_to(t.z[:, None, None], (1, *shape)),
        parameters={"R": np.full((1, *shape), 1e3), "C": np.full((2, *shape), 1e-9)},
    )
    spec = run_of(method="rk4", step=1e-8)
    shared, each = (integrate_batched(p, spec, precision=precision) for p in (given, own))
    tolerance = 1e-12 if precision == "double" else 1e-5
    assert np.abs(shared.states - each.states).max() < tolerance


def test_time_constants_of_each_cell():
    """A = 0: every cell is an exponential with its own R C, towards its own feed."""
    rng = np.random.default_rng(4)
    given = problem(9, 3, 4, samples=2)
    template = dataclasses.replace(given.array.template, A=np.zeros((9, 9, 1, 1)))
    given = Problem(dataclasses.replace(given.array, template=template), given.u)
    R, C = rng.uniform(500, 2000, (2, 9, 3, 4)), rng.uniform(0.5e-9, 2e-9, (1, 9, 3, 4))
    given = with_own(given, parameters={"C": C, "R": R})
    result = integrate_batched(given, run_of(), threads=2)
    for n in range(2):
        exact = given.feed[n] + np.exp(-result.times[:, None, None, None] / (R[n] * C[0])) * (
            given.start[0, n] - given.feed[n]
        )
        assert np.abs(result.states[0, n] - exact).max() < 1e-8


def test_memristors_that_differ():
    """Uncoupled cells, each against its own two equations."""
    given = memristive()
    template = dataclasses.replace(given.array.template, A=np.zeros((2, 2, 1, 1)))
    given = Problem(dataclasses.replace(given.array, template=template), given.u)
    Gm = np.random.default_rng(5).uniform(0.015, 0.04, (1, 2, 4, 5))
    varied = with_own(given, parameters={"memristor_Gm": Gm})
    result = integrate_batched(varied, run_of(stop=2e-6))
    cell = given.array.cell
    for k, i, j in [(0, 0, 0), (1, 3, 4), (0, 2, 3)]:

        def rates(t, s, g=Gm[0, k, i, j], drive=given.feed[1, k, i, j]):
            v, x = s
            other = reference.taox_current(v, np.clip(x, 0, 1)) + v * (g - 0.025) * x
            power = v * other
            up = np.sinh(v / 0.45) * 1e-4 * np.exp(-((x / 0.06) ** 2) + power / 4e-5)
            down = 1e-10 * np.sinh(v / 0.013) * np.exp(-((0.4 / x) ** 2) + 1 / (1 + 500 * power))
            return [((drive - v) / cell.R - other) / cell.C, down if v < 0 else up]

        exact = solve_ivp(
            rates, (0, 2e-6), given.start[:, 1, k, i, j], "LSODA", result.times, rtol=1e-10, atol=1e-12
        )  # fmt: skip
        assert np.abs(result.states[:, 1, :, k, i, j] - exact.y).max() < 1e-7


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (dict(z=np.zeros((2, 3, 4))), r"z: got '2 x 3 x 4'; expected chips x 2 x 3 x 4 numbers"),
        (dict(A=np.zeros((1, 2, 2, 5, 5, 3, 4))), r"A: .*expected chips x 2 x 2 x 3 x 3 x 3 x 4 numbers"),
        (dict(B=np.full((1, 2, 2, 3, 3, 3, 4), np.inf)), r"B\[0\].*\[0\]: got inf; expected a finite number"),
        (dict(parameters={"R": np.zeros((1, 2, 3, 4))}), r"R\[0\]\[0\]\[0\]\[0\]: got 0.0; .*Ohm"),
        (dict(parameters={"r": np.ones((1, 2, 3, 4))}), r"r: .*did you mean R\?"),
        (dict(parameters={"V1": np.ones((1, 2, 3, 4))}), r"V1: .*one voltage unit"),
        (dict(z=np.zeros((2, 2, 3, 4)), parameters={"R": np.ones((3, 2, 3, 4))}), r"z: got '2 chips'.*or 3"),
    ],
    ids=str,
)
def test_values_that_do_not_fit(values, text):
    with pytest.raises(InputError, match=text):
        with_own(problem(2, 3, 4), **values)


def test_chips_that_do_not_fit_the_samples():
    given = with_own(problem(2, 3, 4, samples=3), z=np.zeros((2, 2, 3, 4)))
    with pytest.raises(InputError, match="own: got '2 chips'; expected 1 chip, or 3"):
        integrate_batched(given, run_of())


def test_larger_weights_are_no_run_away():
    """The bound on voltages follows the weights that the cells have."""
    given = problem(1, 3, 3)
    own = np.zeros((1, 1, 1, 3, 3, 3, 3))
    own[:, :, :, 1, 1] = 50.0
    result = integrate_batched(with_own(given, A=own), run_of(method="euler", stop=20e-6, step=1e-8))
    assert np.abs(result.states).max() > 2 * given.voltage_limit
