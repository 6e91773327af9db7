"""Ends of runs: settling, batches, engines."""

import json

import numpy as np
import pytest

import cellnn

RC = 1e-6
U = np.array([[0.9, 0.5, 0.1], [-0.9, 0.02, 0.0]])


def relaxing(**run):
    """Uncoupled cells: v = u (1 - exp(-t/RC)), so RC |dv/dt| = |u| exp(-t/RC)."""
    return {
        "cellnn": 1,
        "grid": {"rows": 2, "columns": 3},
        "cell": {"circuit": "chua-yang"},
        "layers": [{"template": {"B": 1}}],
        "input": U,
        "run": {"stop": "100us", "settle": 0.01, "save": 201, **run},
    }


@pytest.mark.parametrize("method", ["adaptive", "ros34pw2", "bs3", "rk4", "euler"])
@pytest.mark.parametrize("device", ["cpu", "torch"])
def test_a_run_ends_when_all_cells_have_settled(method, device):
    result = cellnn.simulate(cellnn.load(relaxing(method=method)), device=device)
    layer = result["layer1"]
    step = json.loads(layer.attrs["solver_statistics"])["longest_step"]
    exact = RC * np.log(np.maximum(np.abs(U) / 0.01, 1.0))
    late = layer["settling_time"].values[0] - exact
    # seen at the first step that ends after it; Euler's own decay is a little faster than the exact one
    assert late.min() > -0.02 * RC and late.max() <= 1.001 * step
    end = float(layer["time"][-1])
    assert end == pytest.approx(layer["settling_time"].values.max(), rel=1e-12)
    assert layer.attrs["status"] == result.attrs["status"] == "settled"
    assert np.abs(layer["state"].values[-1, 0] - U * (1 - np.exp(-end / RC))).max() < 2e-3


def test_a_run_that_does_not_settle_in_time_says_which_cells_did_not():
    layer = cellnn.simulate(cellnn.load(relaxing(stop="3us")))["layer1"]
    assert layer.attrs["status"] == "completed"
    assert np.isnan(layer["settling_time"].values[0]).tolist() == [[True, True, False], [True, False, False]]
    assert float(layer["time"][-1]) == 3e-6 and layer.sizes["time"] == 201


def test_an_array_at_rest_ends_at_once():
    spec = relaxing()
    spec["input"] = 0
    layer = cellnn.simulate(cellnn.load(spec))["layer1"]
    assert layer.attrs["status"] == "settled"
    assert layer["settling_time"].values.max() == 0 and layer["time"].values.tolist() == [0.0]


def test_samples_of_a_batch_settle_each_on_its_own():
    spec = relaxing()
    spec["input"] = np.stack([U[None], 0.1 * U[None], 0.0 * U[None]])
    batch = cellnn.simulate(cellnn.load(spec))["layer1"]
    assert batch["settling_time"].dims == ("sample", "channel", "row", "column")
    for n in range(3):
        spec["input"] = [U, 0.1 * U, 0.0 * U][n]
        alone = cellnn.simulate(cellnn.load(spec))["layer1"]
        assert np.array_equal(alone["settling_time"].values, batch["settling_time"].values[n])
        kept = alone.sizes["time"] - 1
        assert np.array_equal(alone["state"].values[:kept], batch["state"].values[n, :kept])


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_samples_of_a_batch_are_single_runs_whatever_the_threads(threads):
    spec = {
        "cellnn": 1,
        "grid": {"rows": 6, "columns": 5},
        "cell": {"circuit": "m-cellnn", "voltage_unit": 0.3, "memristor": {"model": "strachan-taox"}},
        "layers": [{"template": "EDGE"}, {"template": "HLF3"}],
        "input": np.random.default_rng(0).uniform(-1, 1, (4, 1, 6, 5)),
        "run": {"stop": "2us", "rtol": 1e-4, "atol": 1e-6, "save": 5},
    }
    batch = cellnn.simulate(cellnn.load(spec), threads=threads)
    assert batch["layer2"]["output"].shape == (4, 5, 1, 6, 5)
    pictures = spec["input"]
    for n in range(4):
        spec["input"] = pictures[n]
        alone = cellnn.simulate(cellnn.load(spec), threads=1)
        for name in ("layer1", "layer2"):
            for variable in ("state", "output", "memristor", "input"):
                assert np.array_equal(alone[name][variable].values, batch[name][variable].values[n])


def test_a_batch_goes_through_a_file(tmp_path):
    np.save(tmp_path / "many.npy", np.random.default_rng(0).uniform(-1, 1, (2, 1, 6, 5)))
    spec = {
        "cellnn": 1,
        "grid": {"rows": 6, "columns": 5},
        "cell": {"circuit": "chua-yang"},
        "layers": [{"template": "EDGE"}],
        "input": str(tmp_path / "many.npy"),
        "run": {"stop": "1us", "save": 3},
    }
    result = cellnn.simulate(cellnn.load(spec))
    cellnn.save(result, tmp_path / "r.nc")
    back = cellnn.open_result(tmp_path / "r.nc")["layer1"]
    assert back["state"].dims == ("sample", "time", "channel", "row", "column")
    assert np.array_equal(back["state"].values, result["layer1"]["state"].values)


def test_many_channels_and_few_give_the_same():
    """The batched engine takes over where channels are many: the same array on either."""
    from cellnn.simulator.batched.integrate import integrate_batched
    from cellnn.simulator.compiled.engine import integrate_compiled
    from cellnn.simulator.problem import Problem

    rng = np.random.default_rng(1)
    spec = {
        "cellnn": 1,
        "grid": {"rows": 9, "columns": 5},
        "cell": {"circuit": "chua-yang"},
        "layers": [{"channels": 16, "template": {"A": rng.normal(size=(16, 16, 3, 3)) / 12, "z": 0.1}}],
        "initial": rng.uniform(-1, 1, (16, 9, 5)),
        "run": {"stop": "2us", "rtol": 1e-8, "atol": 1e-10, "save": 9},
    }
    circuit = cellnn.load(spec)
    assert json.loads(cellnn.simulate(circuit)["layer1"].attrs["solver_statistics"])["engine"] == "batched"
    problem = Problem(circuit.arrays[0], circuit.input[None])
    one, other = integrate_compiled(problem, circuit.run), integrate_batched(problem, circuit.run)
    assert np.abs(one.states - other.states).max() < 1e-7


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"device": "cuda:9"}, "device: got 'cuda:9'"),
        ({"precision": "half"}, "precision: got 'half'"),
        ({"threads": 0}, "threads: got 0"),
    ],
)
def test_what_is_not_there_is_refused(named, message):
    with pytest.raises(cellnn.InputError, match=message):
        cellnn.simulate(cellnn.load(relaxing()), **named)


def test_the_environment_may_say_how_many_threads(monkeypatch):
    monkeypatch.setenv("CELLNN_THREADS", "many")
    with pytest.raises(cellnn.InputError, match="CELLNN_THREADS: got 'many'"):
        cellnn.simulate(cellnn.load(relaxing()))


def test_a_memristor_that_gives_power_is_no_run_away():
    """v' = (u - v + 0.9 v)/RC settles at 10 u: beyond Chua & Yang's bound, which is for passive cells."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": 1, "columns": 2},
        "cell": {
            "circuit": "m-cellnn",
            "memristor": {"model": "custom", "current": "-9e-4 * v", "rate": "0 * v", "x0": 0.5},
        },
        "layers": [{"template": {"B": 1}}],
        "input": [[0.9, -0.5]],
        "run": {"stop": "100us", "method": "rk4", "save": 2},
    }
    final = cellnn.simulate(cellnn.load(spec))["layer1"]["state"].values[-1, 0, 0]
    assert final == pytest.approx([9, -5], rel=1e-4)
