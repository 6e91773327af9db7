"""Trajectories that go past the caches are those that do not, and the engine's largest |v| is theirs."""

import numpy as np
import pytest

import cellnn
from cellnn.simulator.compiled import workspace
from cellnn.simulator.compiled.engine import integrate_compiled
from cellnn.simulator.problem import Problem


def problem_and_run(rows, columns, template, **run):
    spec = {
        "cellnn": 1,
        "grid": {"rows": rows, "columns": columns},
        "cell": {"circuit": "m-cellnn", "voltage_unit": 0.1, "memristor": {"model": "strachan-taox"}},
        "layers": [{"template": template}],
        "input": np.random.default_rng(3).uniform(-1, 1, (2, 1, rows, columns)),
        "run": {"stop": "2us", "save": 41, **run},
    }
    circuit = cellnn.load(spec)
    return Problem(circuit.arrays[0], circuit.input), circuit.run


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize(
    "run", [{}, {"method": "rk4", "step": "10ns"}, {"method": "ros34pw2"}, {"settle": 1e-2}], ids=str
)
@pytest.mark.parametrize("shape", [(7, 5, "EDGE"), (70, 61, "HLF3")], ids=str)
def test_the_way_to_memory_makes_no_difference(monkeypatch, shape, run, single):
    problem, run = problem_and_run(*shape, **run)
    monkeypatch.setattr(workspace, "LONG", 1 << 40)
    kept = integrate_compiled(problem, run, single=single, threads=1)
    monkeypatch.setattr(workspace, "LONG", 0)
    for threads in (1, 3):
        past = integrate_compiled(problem, run, single=single, threads=threads)
        assert np.array_equal(past.states, kept.states) and np.array_equal(past.outputs, kept.outputs)
        assert past.largest == kept.largest
    assert 0 < np.abs(kept.states[0]).max() <= kept.largest <= 1.2 * np.abs(kept.states[0]).max()
