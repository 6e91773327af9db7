"""What large studies and arrays need: against counts by hand; and the script that measures, on figures made up."""

import importlib.util
from pathlib import Path

import pytest

from cellnn.circuits.spec.models import CircuitSpec
from cellnn.devices.errors import InputError
from cellnn.sweep.check import check
from cellnn.sweep.cost_model import array_cost, study_cost
from cellnn.sweep.study import read_study
from cellnn.sweep.work import work_of


def test_a_million_chips_by_hand():
    """36 ms a chip are 10 hours; a tenth is lost, so 11.1 on one core, which 4 cores do not do within 2 hours."""
    found = study_cost(10**6, 0.036, 0.1, 5e8, measures=2, hours=2.0, cores=4, task_seconds=4.0)
    assert found.core_hours == pytest.approx(10 / 0.9) and found.machines == 2 and found.worker_bytes == 5e8
    assert found.tasks == 9001 and found.table_bytes == 10**6 * (32 + 160 + 5 * 8)


def test_a_large_array_by_hand():
    """64 channels, all coupled to all and to as many inputs: 64 x 128 x 9 weights, in made cells eight numbers each."""
    A = [[[[0.0] * 3] * 3] * 64] * 64
    spec = {
        "cellnn": 1, "grid": {"rows": 8, "columns": 4}, "cell": {"circuit": "chua-yang"},
        "layers": [{"channels": 64, "template": {"A": A, "B": A}}], "run": {"stop": 1e-6, "save": 2},
    }  # fmt: skip
    weights = 64 * 128 * 9
    designed = array_cost(CircuitSpec.model_validate(spec), 1e-6)
    assert designed.cells == 64 * 32 and designed.seconds == pytest.approx(64 * 32e-6)
    assert designed.weight_bytes == pytest.approx(8 * 1.05 * weights)
    made = array_cost(CircuitSpec.model_validate(spec | {"hardware": {"mismatch": {"weights": 0.01}}}), 1e-6)
    assert made.weight_bytes == pytest.approx(8 * 1.05 * weights * (1 + 8 * 32))
    assert made.state_bytes == designed.state_bytes > 64 * 32 * 8 * 2 * 2


@pytest.fixture(scope="module")
def script():
    """examples/scale_study.py."""
    path = Path(__file__).parents[2] / "examples" / "scale_study.py"
    found = importlib.util.spec_from_file_location("scale_study", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_scripts_study_is_valid(script, write_study):
    study = read_study(write_study(script.study(2000)))
    work, names = work_of(study)
    batch_of = check(study, work, names)
    assert len(study.points) == 2000 and batch_of(1e9) == 4 and batch_of(1e8) < 4
    with pytest.raises(InputError, match="a worker with .* GiB for one circuit"):
        batch_of(1e6)


def test_paces_that_are_compared_are_of_as_many_chips(script, monkeypatch, tmp_path):
    monkeypatch.setattr(script, "swept", lambda folder, chips, workers: {"chips": chips, "workers": workers})
    asked = script.measurements(tmp_path, 500, 3)
    found = [asked[name]() for name in ("one worker", "two workers", "oversubscribed")]
    assert found == [{"chips": 500, "workers": workers} for workers in (1, 2, 6)]


def test_the_page_holds_what_was_measured(script):
    took = {
        "points_computed": 100, "tasks": 5, "workers": 2, "seconds": 10.0, "seconds_per_point": 0.19,
        "seconds_between_tasks": 0.012, "overhead": 0.03,
        "memory_bytes": [{"points": 4, "largest_worker": 300 * 2**20}],
    }  # fmt: skip
    runs = {"one worker": took | {"workers": 1, "seconds": 19.0}, "two workers": took, "oversubscribed": took}
    array = {"channels": 64, "seconds": 1.5, "steps": 77, "memory_bytes": 2**29}
    found = {name: {"chips": 100, **one} for name, one in runs.items()}
    found |= {f"array {size}": array | {"size": size} for size in script.SIZES}
    text = script.page(found | {"machine": {"processor": "a processor", "cores": 2, "load_before": 0.1}})
    assert "| 2 | 100 | 10.0 | 10.00 | 1.90 | 3.0% | 12 | 300 | 300 |" in text
    assert "| 64 x 64 x 64 | 1.50 | 77 | 512 |" in text
    scaled = script.scaled(found)["1024 x 1024 x 64"]["as designed"]
    assert scaled["seconds"] == pytest.approx(1.5 * (1024 / script.SIZES[-1]) ** 2)
