"""Runs that go on where something has happened to their folder: nothing lost, nothing begun anew, one clear message."""

import os
import shutil

import pytest

from cellnn.devices.errors import InputError
from cellnn.diffusion.training import load_run, model, read_config, run_folder, start, train
from cellnn.diffusion.training.checkpoint import average_of, file_name
from cellnn.diffusion.training.log import read_log

from .conftest import same_bits, tensors_of


@pytest.fixture
def run(finished, tmp_path):
    """A finished run of one's own."""
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_that_reached_its_time_limit_takes_no_further_step(config, tmp_path):
    config["training"]["time_limit"] = 1e-6
    source, folder = read_config(config), tmp_path / "run"
    first = train(source, folder)
    before = contents(folder)
    again = train(source, folder, go_on=True)
    assert (again.status, again.step) == (first.status, first.step) == ("time limit", 1)
    assert contents(folder) == before


def test_a_run_whose_checkpoints_are_gone_is_not_begun_anew_over_its_model(run, config):
    shutil.rmtree(run / "checkpoints")
    config["training"]["steps"] = 15
    before = contents(run)
    with pytest.raises(InputError, match="checkpoints.; expected the checkpoints that a run with a model has"):
        train(read_config(config), run, go_on=True)
    assert contents(run) == before


def test_the_model_of_a_run_that_goes_on_is_that_of_its_latest_checkpoint(config, tmp_path):
    """Stopped at step 3, which leaves a model, gone on with, and killed at step 10."""
    source, folder = read_config(config), tmp_path / "run"
    asked = iter(range(100))
    train(source, folder, interrupted=lambda: next(asked) == 3)
    assert load_run(folder).about["step"] == 3

    def killed(progress, loss):
        if progress.step == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(source, folder, go_on=True, watch=killed)
    latest = average_of(tensors_of(folder / "checkpoints" / file_name(8)))
    assert same_bits(load_run(folder).network.state_dict(), latest)


@pytest.mark.parametrize("other", [f"snapshots/{file_name(6)}", "model.safetensors"])
def test_another_file_of_ours_is_no_checkpoint(other, run, config):
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    shutil.copy(run / other, run / "checkpoints" / file_name(6))
    with pytest.raises(InputError, match="expected a checkpoint of a run .it holds something else"):
        train(read_config(config), run, go_on=True)
    (run / "model.json").unlink()
    with pytest.raises(InputError, match="expected a checkpoint of a run"):
        load_run(run)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"step;loss;snapshot\n1;2;3\n", b"2,0.1,0.1\n", b'step,snapshot\n"' + b"x" * 200_000 + b"\n"],
    ids=["no text", "semicolons", "no heading", "a field without end"],
)
def test_a_log_that_is_none_is_refused_and_not_written_over(content, run, config):
    (run / "log.csv").write_bytes(content)
    with pytest.raises(InputError, match="log.csv: .*expected the log of a run"):
        train(read_config(config), run, go_on=True)
    assert (run / "log.csv").read_bytes() == content
    (run / "log.csv").unlink()
    assert train(read_config(config), run, go_on=True).status == "completed"


def test_steps_of_a_log_are_plain_numbers(tmp_path):
    (tmp_path / "log.csv").write_text(f"step,snapshot\n\u00b2,\n{'9' * 5000},\n\u0663,\n7,\n", encoding="utf-8")
    assert [row["step"] for row in read_log(tmp_path / "log.csv")] == ["7"]


def test_a_file_in_place_of_a_folder_is_named(run, config):
    shutil.rmtree(run / "samples")
    (run / "samples").write_text("")
    with pytest.raises(InputError, match="samples.; expected a folder of the run"):
        train(read_config(config), run, go_on=True)


def test_names_no_folder_can_have(config, tmp_path):
    long = tmp_path / ("x" * 300)
    for go_on in (False, True):
        with pytest.raises(InputError, match="the name of a folder .File name too long"):
            train(read_config(config), long, go_on=go_on)
    with pytest.raises(InputError, match="the folder of a run .File name too long"):
        load_run(long)
    config["data"] = {"name": "mnist", "folder": "x" * 300}
    with pytest.raises(InputError, match="data.folder: .*a folder that can be read .File name too long"):
        train(read_config(config), tmp_path / "run")
    config["data"]["folder"] = "~nobody-of-this-name/mnist"
    with pytest.raises(InputError, match="data.folder: got '~nobody-of-this-name/mnist'"):
        train(read_config(config), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", [run_folder, model])
def test_texts_are_on_the_disk_before_they_get_their_name(module, config, tmp_path, monkeypatch):
    """Their bytes would otherwise be lost with the power, and an empty file be left under the name."""
    config["training"] |= {"steps": 1, "warmup": 0}
    synced, replacing = set(), module.replacing
    monkeypatch.setattr(os, "fsync", lambda number: synced.add(os.fstat(number).st_ino))
    renamed = []

    class Watched:
        def __init__(self, path):
            self.path, self.inner = path, replacing(path)

        def __enter__(self):
            self.temporary = self.inner.__enter__()
            return self.temporary

        def __exit__(self, *error):
            if self.temporary.stat().st_size:
                renamed.append((self.path.name, self.temporary.stat().st_ino in synced))
            return self.inner.__exit__(*error)

    monkeypatch.setattr(module, "replacing", Watched)
    train(read_config(config), tmp_path / "run")
    assert renamed == [({run_folder: "config.yaml", model: "model.json"}[module], True)]


def test_a_plan_of_integration_that_follows_a_longer_run_is_told(config):
    plan = [{"method": "euler", "steps": 1, "until": 0.5}, {"method": "heun", "steps": 1}]
    config["network"] = {"block": "cellnn", "channels": [8], "cell": {"circuit": "chua-yang"}, "integration": plan}
    config["training"] |= {"steps": 2, "warmup": 0, "decay": "constant"}
    old, notes = read_config(config).config, []
    config["training"]["steps"] = 3
    start._check_same(old, read_config(config), notes.append)
    assert len(notes) == 1 and "network.integration" in notes[0]
