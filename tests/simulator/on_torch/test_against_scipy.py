"""Random arrays on torch's CPU device follow an independent SciPy solution."""

import numpy as np
import pytest

import cellnn
from cellnn.simulator.on_torch.integrate import integrate_on_torch
from cellnn.simulator.problem import Problem
from tests import reference
from tests.simulator.test_against_scipy import random_array, relative

from .cases import AS_REFERENCE

SWITCHING = 107  # V1 = 0.35 V: memristors cross most of their range


def trajectories(spec, precision, **changed):
    circuit = cellnn.load(spec)
    problem = Problem(circuit.arrays[0], circuit.input[np.newaxis])
    run = circuit.run.model_copy(update=changed)
    return integrate_on_torch(problem, run, device="cpu", precision=precision)


@pytest.mark.parametrize(("precision", "tolerance"), [("double", 1e-5), ("single", 1e-4)])
@pytest.mark.parametrize("boundary", AS_REFERENCE)
@pytest.mark.parametrize("seed", [0, 1])
def test_plain_arrays(seed, boundary, precision, tolerance):
    spec, known = random_array(seed, boundary, memristive=False)
    ours = trajectories(spec, precision)
    truth = reference.simulate(**known, times=ours.times, rtol=1e-10, atol=1e-12, method="DOP853")
    assert ours.states.dtype == {"double": np.float64, "single": np.float32}[precision]
    assert relative(ours.states[0, 0], truth.state) < tolerance
    assert relative(ours.outputs[0], truth.output) < tolerance


@pytest.mark.parametrize("boundary", AS_REFERENCE)
@pytest.mark.parametrize("seed", [SWITCHING, 114])
def test_taox_arrays(seed, boundary):
    spec, known = random_array(seed, boundary, memristive=True)
    double, single = trajectories(spec, "double"), trajectories(spec, "single")
    truth = reference.simulate(**known, times=double.times, rtol=1e-10, atol=1e-13, method="LSODA")
    if seed == SWITCHING:
        assert np.abs(truth.memristor[-1] - truth.memristor[0]).max() > 0.25
    for ours, tolerance, of_x in ((double, 1e-5, 1e-5), (single, 1e-4, 5e-4)):  # a saved time may lie within a switch
        assert relative(ours.states[0, 0], truth.state) < tolerance
        assert relative(ours.states[1, 0], truth.memristor) < of_x
        assert relative(ours.outputs[0], truth.output) < tolerance
        assert ours.states[1].min() >= 0 and ours.states[1].max() <= 1


def test_single_precision_beyond_one_volt():
    """Where each exponential of a rate leaves float32's range and their product does not."""
    spec, known = random_array(101, "periodic", memristive=True)
    ours = trajectories(spec, "single")
    truth = reference.simulate(**known, times=ours.times, rtol=1e-10, atol=1e-13, method="LSODA")
    assert truth.state.min() < -0.0133 * 80  # sinh(v / s_off) beyond e^80
    assert relative(ours.states[1, 0], truth.memristor) < 1e-4


def test_bogacki_shampine():
    spec, known = random_array(0, "periodic", memristive=False)
    ours = trajectories(spec, "double", method="bs3", rtol=1e-6)
    truth = reference.simulate(**known, times=ours.times, rtol=1e-10, atol=1e-12, method="DOP853")
    assert ours.statistics.method == "bs3"
    assert relative(ours.states[0, 0], truth.state) < 1e-5
