"""The vectorising exponentials: as accurate as they say, everywhere, and vectorised indeed."""

import math
import re

import numpy as np
import pytest
from mpmath import mp
from numba import njit

from cellnn.circuits.cells import MCellNN
from cellnn.devices.codegen import fast_math
from cellnn.devices.parameter import flat_parameters
from cellnn.simulator.cell_code import cell_module

RANDOM = np.random.default_rng(0)
POINTS = np.concatenate(
    [
        RANDOM.uniform(-700, 700, 2000),
        RANDOM.uniform(-2, 2, 2000),
        np.logspace(-300, 2, 500),
        -np.logspace(-300, 2, 500),
        np.log(2) * (np.arange(-40, 40) + 0.5),  # where the reduction changes its multiple of ln 2
        [0.0, -0.0, 1.0, -1.0, np.nextafter(1, 0), np.nextafter(1, 2)],
    ]
)


def over(function):
    scalar = getattr(fast_math, function)

    @njit
    def loop(z, out):
        for k in range(z.size):
            out[k] = scalar(z[k])

    def apply(z):
        out = np.empty_like(z)
        loop(z, out)
        return out

    return apply


@pytest.mark.parametrize(("name", "bound"), [("exp", 1e-15), ("sinh", 1e-14), ("cosh", 1e-14), ("tanh", 1e-14)])
def test_accuracy_against_many_digits(name, bound):
    ours = over(name)(POINTS)
    with mp.workdps(40):
        exact = [getattr(mp, name)(mp.mpf(float(z))) for z in POINTS]
        errors = [abs((mp.mpf(float(o)) - e) / e) if e else abs(o) for o, e in zip(ours, exact, strict=True)]
    assert max(errors) < bound


@pytest.mark.parametrize("name", ["exp", "sinh", "cosh", "tanh"])
def test_beyond_the_range_the_results_are_finite_and_nan_stays_nan(name):
    ours = over(name)(np.array([np.nan, 1e300, -1e300, np.inf, -np.inf]))
    assert math.isnan(ours[0])
    assert np.isfinite(ours[1:]).all()


def test_the_loop_over_taox_cells_vectorises():
    """One call of libm, or one jump, in the equations and the compiler would give up."""
    fresh = njit(error_model="numpy")(cell_module(MCellNN()).state_rates.py_func)
    fresh(np.zeros((2, 8)), np.zeros(8), np.ones(16), np.zeros((2, 8)))
    (code,) = fresh.inspect_llvm().values()
    assert re.search(r"fdiv <\d+ x double>", code)
    assert "@exp" not in code and "@sinh" not in code


def test_results_do_not_depend_on_the_place_in_the_array():
    """Vector body and scalar remainder of a loop give the same bits: an array cut in two is the same array."""
    module = cell_module(MCellNN())
    parameters = np.array(list(flat_parameters(MCellNN(V1=0.2, area=0.1)).values()))
    states = np.stack([RANDOM.uniform(-0.6, 0.6, 37), RANDOM.uniform(0, 1, 37)])
    drive, whole = RANDOM.uniform(-2, 2, 37), np.empty((2, 37))
    module.state_rates(states, drive, parameters, whole)
    for k in range(37):
        single = np.empty((2, 1))
        module.state_rates(np.ascontiguousarray(states[:, k : k + 1]), drive[k : k + 1], parameters, single)
        assert np.array_equal(single[:, 0], whole[:, k])
