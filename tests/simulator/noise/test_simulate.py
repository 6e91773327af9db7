"""Noise through the front door: from the spec's `hardware` section to the result."""

import json

import numpy as np
import pytest

import cellnn
from tests.simulator.noise.arrays import KT

SPEC = {
    "cellnn": 1,
    "grid": {"rows": 32, "columns": 32},
    "cell": {"circuit": "chua-yang", "C": "1fF", "R": "1MOhm"},
    "layers": [{"name": "first", "template": {"A": 0}}, {"name": "second", "template": {"A": 0}}],
    "run": {"stop": "20ns", "save": 5},
    "hardware": {"noise": True},
}


def test_a_noisy_spec_gives_a_noisy_result():
    result = cellnn.simulate(cellnn.load(SPEC))
    first, second = (result[name]["state"].values[1:] for name in ("first", "second"))
    for state in (first, second):
        # 4096 numbers: four standard errors
        assert abs((state**2).mean() / (KT / 1e-15) - 1) < 4 * np.sqrt(2 / state.size)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 4 / np.sqrt(first.size)
    told = json.loads(result["first"].attrs["solver_statistics"])
    assert (told["method"], told["engine"], told["why"]) == ("heun", "noise", "thermal noise at 300 K")


def test_the_seed_decides_and_the_threads_do_not():
    def end(seed, threads):
        circuit = cellnn.load({**SPEC, "seed": {"noise": seed}})
        return cellnn.simulate(circuit, threads=threads)["second"]["state"].values

    assert np.array_equal(end(1, 1), end(1, 2))
    assert not np.isin(end(1, 1)[1:], end(2, 1)).any()


@pytest.mark.parametrize(
    "change, said",
    [({"device": "torch"}, "device: got 'torch'"), ({"precision": "single"}, "precision: got 'single'")],
)
def test_where_there_is_no_noise_it_is_refused(change, said):
    with pytest.raises(cellnn.InputError, match=said):
        cellnn.simulate(cellnn.load(SPEC), **change)


def test_a_noisy_array_never_settles():
    with pytest.raises(cellnn.InputError, match=r"run\.settle"):
        cellnn.simulate(cellnn.load({**SPEC, "run": {"stop": "20ns", "settle": 1e-3}}))
