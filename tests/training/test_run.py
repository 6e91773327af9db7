"""Runs that stop and go on: the same bits as one that never stopped; and runs that are refused."""

import json
import shutil

import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.diffusion.training import load_run, read_config, train
from cellnn.diffusion.training.checkpoint import average_of, file_name
from cellnn.diffusion.training.log import COLUMNS, Log, read_log

from .conftest import same_bits, same_run, tensors_of


def stop_at(*steps):
    """Asked before every step: says stop when so many steps have been done in this start."""
    asked = iter(range(10**6))
    return lambda: next(asked) in steps


def test_a_finished_run_holds_what_it_should(finished, config):
    assert sorted(path.name for path in finished.iterdir()) == [
        "checkpoints", "config.yaml", "log.csv", "model.json", "model.safetensors", "samples", "snapshots",
    ]  # fmt: skip
    assert [path.name for path in sorted((finished / "checkpoints").iterdir())] == [file_name(8), file_name(12)]
    assert [path.name for path in sorted((finished / "snapshots").iterdir())] == [file_name(6), file_name(12)]
    rows = read_log(finished / "log.csv")
    assert [int(row["step"]) for row in rows] == [2, 4, 6, 8, 10, 12]
    assert [row["snapshot"] for row in rows] == ["", "", file_name(6), "", "", file_name(12)]
    assert [bool(row["held_out_loss"]) for row in rows] == [False, False, True, False, False, True]
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds) and seconds[0] > 0
    about = json.loads((finished / "model.json").read_text())
    assert about["status"] == "completed" and about["step"] == 12 and about["config"] == config
    assert about["figures"] == {key: float(rows[-1][key]) for key in ("loss", "held_out_loss")}
    assert set(about["data"]["files"]) == {"digits/images", "digits/labels"}
    assert read_config(finished / "config.yaml").config == read_config(config).config
    # the model is the checkpoint's average, and the last snapshot
    weights = tensors_of(finished / "model.safetensors")
    assert same_bits(weights, average_of(tensors_of(finished / "checkpoints" / file_name(12))))
    assert same_bits(weights, tensors_of(finished / "snapshots" / file_name(12)))
    assert not same_bits(weights, tensors_of(finished / "snapshots" / file_name(6)))


def test_the_same_config_gives_the_same_files(finished, config, tmp_path):
    torch.rand(3)  # whatever the state of torch's own generator
    before = torch.get_rng_state()
    train(read_config(config), tmp_path / "run")
    assert torch.equal(torch.get_rng_state(), before)
    same_run(tmp_path / "run", finished)
    weights = "model.safetensors"
    assert (tmp_path / "run" / weights).read_bytes() == (finished / weights).read_bytes()


def test_a_run_stopped_again_and_again_is_the_same(finished, config, tmp_path):
    source, run = read_config(config), tmp_path / "run"
    stops = []
    for step in (0, 1, 3, 6, 7, 11):
        outcome = train(source, run, go_on=bool(stops), interrupted=stop_at(step - sum(stops)))
        stops.append(step - sum(stops))
        assert (outcome.status, outcome.step) == ("interrupted", step)
        assert load_run(run).about["step"] == step
    assert train(source, run, go_on=True).status == "completed"
    same_run_but_checkpoints(run, finished)


def same_run_but_checkpoints(run, finished):
    """Other steps were saved on the way; the last is the same."""
    for folder in (run, finished):
        assert (folder / "checkpoints" / file_name(12)).is_file()
    copy = run.parent / "copy"
    shutil.copytree(finished, copy)
    for folder in (run, copy):
        for path in (folder / "checkpoints").iterdir():
            if path.name != file_name(12):
                path.unlink()
    same_run(run, copy)


def test_other_seeds_give_other_weights(finished, config, tmp_path):
    for seed in ("weights", "data", "noise"):
        config["seed"] = {seed: 77}
        train(read_config(config), tmp_path / seed)
        weights = tensors_of(tmp_path / seed / "model.safetensors")
        assert not same_bits(weights, tensors_of(finished / "model.safetensors")), seed


def test_a_finished_run_may_go_on_for_longer(finished, config, tmp_path):
    notes = []
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    config["training"]["steps"] = 15
    outcome = train(read_config(config), run, go_on=True, note=notes.append)
    assert (outcome.status, outcome.step) == ("completed", 15)
    assert [int(row["step"]) for row in read_log(run / "log.csv")] == [2, 4, 6, 8, 10, 12, 14, 15]
    assert any("longer cosine" in text for text in notes)
    assert read_config(run / "config.yaml").config.training.steps == 15
    config["training"]["steps"] = 12
    with pytest.raises(InputError, match="training.steps: got 12; expected at least the run's 15 steps"):
        train(read_config(config), run, go_on=True)


def test_a_run_ends_at_its_time_limit_and_goes_on_with_a_longer_one(finished, config, tmp_path):
    run = tmp_path / "run"
    config["training"]["time_limit"] = 1e-6
    outcome = train(read_config(config), run)
    assert (outcome.status, outcome.step) == ("time limit", 1)
    assert load_run(run).about["status"] == "time limit"
    config["training"]["time_limit"] = "1h"
    assert train(read_config(config), run, go_on=True).status == "completed"
    assert same_bits(tensors_of(run / "model.safetensors"), tensors_of(finished / "model.safetensors"))
    config["training"]["time_limit"] = "1min"
    with pytest.raises(InputError, match="training.time_limit: got 60.0; expected no less than the run's limit"):
        train(read_config(config), run, go_on=True)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("place", "value", "fragment"),
    [
        ("training.batch", 32, "training.batch: got 32; expected 16, with which the run began"),
        ("network.channels", [16], "network.channels: got (16,); expected (8,)"),
        ("seed.noise", 9, "seed.noise: got 9; expected 2"),
        ("name", "other", "name: got 'other'; expected 'tiny'"),
    ],
)
def test_going_on_with_another_config_is_refused(place, value, fragment, finished, config, put):
    before = contents(finished)
    config.setdefault("seed", {})
    put(config, place, value)
    with pytest.raises(InputError) as caught:
        train(read_config(config), finished, go_on=True)
    assert fragment in str(caught.value)
    assert contents(finished) == before


def test_nothing_is_overwritten(finished, config, tmp_path):
    before = contents(finished)
    with pytest.raises(InputError, match="a folder without a run .--resume"):
        train(read_config(config), finished)
    assert contents(finished) == before
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="a new or empty folder"):
        train(read_config(config), tmp_path / "full")
    with pytest.raises(InputError, match="the name of a folder"):
        train(read_config(config), tmp_path / "full" / "mine.txt")
    assert contents(tmp_path) == {tmp_path / "full" / "mine.txt": b"mine"}


def test_there_must_be_a_run_to_go_on_with(config, tmp_path):
    with pytest.raises(InputError, match="the folder of a run to resume"):
        train(read_config(config), tmp_path / "none", go_on=True)
    assert list(tmp_path.iterdir()) == []


def test_one_process_at_a_time(finished, config):
    from cellnn.diffusion.training.run_folder import RunFolder

    with RunFolder(finished).locked(), pytest.raises(InputError, match="another process does"):
        train(read_config(config), finished, go_on=True)


def test_other_data_are_refused(config, tmp_path, monkeypatch):
    import dataclasses

    from cellnn.diffusion.training import start

    run = tmp_path / "run"
    train(read_config(config), run, interrupted=stop_at(5))
    load = start.load_images
    monkeypatch.setattr(start, "load_images", lambda *words: dataclasses.replace(load(*words), files={"x": "1"}))
    with pytest.raises(InputError, match="expected the data of the run"):
        train(read_config(config), run, go_on=True)


@pytest.mark.parametrize("damage", ["cut", "bit", "empty"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(damage, finished, config, tmp_path):
    run, notes = tmp_path / "run", []
    shutil.copytree(finished, run)
    newest = run / "checkpoints" / file_name(12)
    harm(newest, damage)
    train(read_config(config), run, go_on=True, note=notes.append)
    assert any("damaged" in text and "the checkpoint before" in text for text in notes)
    same_run(run, finished)
    for step in (8, 12):
        harm(run / "checkpoints" / file_name(step), damage)
    before = contents(run)
    with pytest.raises(InputError, match=f"checkpoints/{file_name(12)}: .*damaged"):
        train(read_config(config), run, go_on=True)
    assert contents(run) == before


def harm(path, damage):
    content = bytearray(path.read_bytes())
    if damage == "bit":
        content[-5] ^= 16
    path.write_bytes(content[: {"cut": len(content) // 2, "empty": 0}.get(damage, len(content))])


def test_a_log_is_cut_where_the_run_goes_on(tmp_path):
    path = tmp_path / "log.csv"
    log = Log(path, 0)
    for step in (1, 2, 3):
        log.add({"step": step, "loss": 0.1 + 0.2, "snapshot": "a,b"})
    with path.open("a") as file:
        file.write("4,0.5,0.00")  # killed here
    assert [row["step"] for row in read_log(path)] == ["1", "2", "3"]
    Log(path, 2).add({"step": 3, "loss": 0.25})
    rows = read_log(path)
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["loss"]) == 0.1 + 0.2 and rows[0]["snapshot"] == "a,b" and float(rows[2]["loss"]) == 0.25
    assert tuple(path.read_text().splitlines()[0].split(",")) == COLUMNS


def test_samples_on_the_way_have_the_same_noise(config, tmp_path):
    from PIL import Image

    config["training"] |= {"sample_every": 6, "learning_rate": 1e-9, "ema": 0}
    train(read_config(config), tmp_path / "run")
    sheets = [Image.open(path) for path in sorted((tmp_path / "run" / "samples").iterdir())]
    assert len(sheets) == 2 and sheets[0].size[0] > 2 * sheets[0].size[1]
    # weights that do not move: the same noise gives the same pictures
    assert sheets[0].tobytes() == sheets[1].tobytes() and len(set(sheets[0].tobytes())) > 20
