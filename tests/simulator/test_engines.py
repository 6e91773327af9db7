"""Which engine runs, and what all of them have in common whatever is asked."""

import json
import threading
import time

import numpy as np
import pytest

import cellnn
from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang
from cellnn.circuits.own_values import OwnValues
from cellnn.circuits.spec.models import RunSpec
from cellnn.circuits.template import Template
from cellnn.simulator.compiled.engine import integrate_compiled
from cellnn.simulator.engines import integrate
from cellnn.simulator.problem import Problem

RNG = np.random.default_rng(5)


def plain(channels=1, samples=None, **run):
    shape = (channels, 6, 5) if samples is None else (samples, channels, 6, 5)
    A = RNG.normal(size=(channels, channels, 3, 3)) / (3 * channels)
    return {
        "cellnn": 1,
        "grid": {"rows": 6, "columns": 5},
        "cell": {"circuit": "chua-yang"},
        "layers": [{"channels": channels, "template": {"A": A, "B": np.eye(channels)[..., None, None], "z": 0.1}}],
        "input": RNG.uniform(-1, 1, shape),
        "run": {"stop": "2us", "save": 3, **run},
    }


def statistics(spec, **how):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    layer = cellnn.simulate(cellnn.load(spec), **how)["layer1"]
    return json.loads(layer.attrs["solver_statistics"], parse_constant=refuse)


@pytest.mark.parametrize("method", ["adaptive", "ros34pw2", "euler"])
def test_a_run_without_a_step_has_statistics_in_json(method):
    found = statistics(plain(method=method, settle=900.0))
    assert (found["steps"], found["shortest_step"], found["longest_step"]) == (0, 0.0, 0.0)


@pytest.mark.parametrize("channels", [1, 16])
def test_single_precision_does_not_chase_its_own_rounding(channels):
    """At its rounding, 6e-8, an order-5 method needs some dozens of steps, not thousands."""
    found = statistics(plain(channels, rtol=1e-12, atol=1e-15), precision="single")
    assert found["engine"] == ("compiled" if channels == 1 else "batched")
    assert found["steps"] < 200


def test_many_channels_say_why_they_are_explicit():
    assert statistics(plain(16))["why"].startswith("adaptive: explicit")
    assert statistics(plain(16, method="rk4"))["why"] == "asked for in the spec"


def test_stiff_cells_of_many_channels_go_to_the_engine_with_implicit_steps():
    """A memristor of 1e4 times the area at 0.1 V: some 1e11/s against a run of 3 us."""
    spec = plain(16, stop="3us", rtol=1e-4, atol=1e-6)
    spec["cell"] = {
        "circuit": "m-cellnn", "voltage_unit": 0.1, "memristor": {"model": "strachan-taox", "area": 1e4},
    }  # fmt: skip
    found = statistics(spec)
    assert found["engine"] == "compiled" and "ros34pw2" in found["method"]
    spec["cell"]["memristor"]["area"] = 1.0
    assert statistics(spec)["engine"] == "batched"


def test_failures_in_a_batch_name_the_sample():
    spec = plain(samples=3, method="euler", step="5us", stop="1ms")
    spec["input"] = np.zeros((3, 1, 6, 5))
    spec["input"][1] = 0.5
    spec["layers"] = [{"template": {"A": 0, "B": 1, "z": 0}}]
    with pytest.raises(cellnn.SimulationError, match="ran away.* of sample 1"):
        cellnn.simulate(cellnn.load(spec))


def test_no_state_passes_the_voltage_limit_where_weights_are_a_cells_own():
    """A cell whose bias is 30 times that of the template rests at 30 V1, on any engine."""
    z = np.array([[[[3.0, 0.1]]]])
    template = Template.of(A=0, B=0, z=0.1, channels=1, input_channels=1)
    array = CellArray("a", ChuaYang(), template, Boundary("zero-flux"), 1, 2, 0.0, None, OwnValues(z=z))
    problem = Problem(array, np.zeros((1, 1, 1, 2)))
    assert problem.voltage_limit >= 3.0
    run = RunSpec(stop=1e-5, method="rk4", step=1e-7, save=2)
    for device in ("cpu", "torch"):
        final = integrate(problem, run, device=device).states[0, 0, -1].ravel()
        assert final == pytest.approx(z.ravel() * (1 - np.exp(-10)), rel=1e-5)


def test_a_batch_ends_soon_when_its_progress_is_interrupted():
    """Ctrl-C comes out of whatever Python runs; the other samples are not computed to their end."""
    circuit = cellnn.load(plain(samples=2, method="euler", step="2ps", stop="4us"))
    problem, calls, lock = Problem(circuit.arrays[0], circuit.input), [], threading.Lock()

    def interrupt(share):
        with lock:
            calls.append(share)
            first = len(calls) == 1
        if first:
            raise KeyboardInterrupt

    integrate_compiled(problem, circuit.run, threads=2, progress=calls.append)
    uninterrupted = len(calls)
    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        integrate_compiled(problem, circuit.run, threads=2, progress=interrupt)
    assert len(calls) <= 3 < uninterrupted / 4  # the other thread may have been in the middle of a report


def test_more_threads_than_the_machine_has_are_not_started():
    before = statistics(plain(16))
    most = []

    def watch():
        while not most or most[-1] >= 0:
            most.append(threading.active_count())
            time.sleep(0.001)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    statistics(plain(16), threads=4096)
    most.append(-1)
    assert max(most) < 500 and before["steps"] > 0
