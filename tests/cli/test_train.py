"""`cellnn train`: exit status, what it prints and leaves, and signals."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from cellnn.diffusion.training.checkpoint import file_name, numbered, step_of

from ..training.conftest import CONFIG, one_thread, same_bits, tensors_of

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "train-digits.yaml"


__all__ = ["one_thread"]


@pytest.fixture(autouse=True)
def one_thread_in_processes(monkeypatch):
    """Those started from here too."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def write_config(tmp_path):
    def write(**training):
        path = tmp_path / "config.yaml"
        path.write_text(yaml.safe_dump({**CONFIG, "training": {**CONFIG["training"], **training}}))
        return path

    return write


def test_train_leaves_a_run_and_says_so(write_config, cellnn_command, tmp_path):
    run = tmp_path / "run"
    result = cellnn_command("train", write_config(), "-o", run, "--json", tmp_path / "told.json")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"completed: {run}, step 12, ")
    told = json.loads((tmp_path / "told.json").read_text())
    about = json.loads((run / "model.json").read_text())
    assert told == {
        "status": "completed", "run": str(run), "step": 12, "seconds": about["seconds"], **about["figures"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["{config}"], "output"),
        (["{tmp}/none.yaml", "-o", "{tmp}/run"], "a readable file"),
        (["{config}", "-o", "{tmp}/config.yaml"], "the name of a folder"),
        (["{config}", "-o", "{tmp}/run", "--resume"], "the folder of a run to resume"),
        (["{config}", "-o", "{tmp}/run", "--json", "{tmp}/no/t.json"], "folder that exists"),
        (["{config}", "-o", "{tmp}/run", "--json", "{config}"], "a file of its own"),
        (["{config}", "-o", "{tmp}", "--json", "{tmp}/model.json"], "a file of its own"),
    ],
)
def test_a_bad_command_line_has_status_2_and_leaves_nothing(words, fragment, write_config, cellnn_command, tmp_path):
    config = write_config()
    result = cellnn_command("train", *[word.format(config=config, tmp=tmp_path) for word in words])
    assert result.status == 2 and fragment in result.err and result.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_bad_config_has_status_2_and_names_the_line(write_config, cellnn_command, tmp_path):
    result = cellnn_command("train", write_config(bacth=3), "-o", tmp_path / "run")
    assert result.status == 2 and "config.yaml, line " in result.err and "did you mean batch?" in result.err
    assert not (tmp_path / "run").exists()


def test_a_run_that_fails_has_status_1(write_config, cellnn_command, tmp_path, monkeypatch):
    from cellnn.diffusion.training import loop

    gradients = loop.gradients
    monkeypatch.setattr(loop, "gradients", lambda *words: gradients(*words) * float("nan"))
    result = cellnn_command("train", write_config(), "-o", tmp_path / "run")
    assert result.status == 1 and result.err.startswith("error: step 1: the loss is no longer finite")
    assert result.err.count("\n") == 1


def test_ctrl_c_and_sigterm_leave_a_run_that_goes_on_to_the_same_bits(write_config, cellnn_command, tmp_path):
    """In processes of their own, which get the signals as a shell or a cluster sends them."""
    rare = {"checkpoint_every": 10, "snapshot_every": 0, "evaluate_every": 0, "decay": "constant"}
    config, run = write_config(steps=100_000, **rare), tmp_path / "run"
    words = [sys.executable, "-m", "cellnn", "train", str(config), "-o", str(run)]
    for number, status, more in ((signal.SIGINT, 130, []), (signal.SIGTERM, 143, ["--resume"])):
        before = newest(run)
        process = subprocess.Popen([*words, *more], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        while newest(run) == before and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate()
        assert process.returncode == status, err
        step = step_of(newest(run))
        assert out.startswith(f"interrupted: {run}, step {step}, ")
        assert err.endswith(f"to go on: cellnn train {config} -o {run} --resume\n")
        assert json.loads((run / "model.json").read_text())["step"] == step
    # with a constant learning rate the first steps of a long run are a shorter one's
    whole = tmp_path / "whole"
    assert cellnn_command("train", write_config(steps=step, **rare), "-o", whole).status == 0
    for name in (f"checkpoints/{file_name(step)}", "model.safetensors"):
        assert same_bits(tensors_of(run / name), tensors_of(whole / name))


def test_the_quick_example_is_a_config_that_trains(cellnn_command, tmp_path):
    """Its first ten steps."""
    document = yaml.safe_load(EXAMPLE.read_text())
    document["training"] |= {"steps": 10, "warmup": 2}
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(document))
    assert cellnn_command("train", tmp_path / "short.yaml", "-o", tmp_path / "run").status == 0


def test_progress_is_told_now_and_then_where_there_is_no_terminal(write_config, cellnn_command, tmp_path, monkeypatch):
    from cellnn.cli import train as module

    clock = iter(range(0, 10**6, 20))  # every look at the clock is 20 s after the one before
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    result = cellnn_command("train", write_config(), "-o", tmp_path / "run")
    lines = result.err.splitlines()
    assert result.status == 0 and 6 <= len(lines) <= 12
    assert re.fullmatch(r"step 1 of 12: loss 0\.\d+", lines.pop(0))  # how long a step takes is not known yet
    assert all(re.fullmatch(r"step \d+ of 12: loss 0\.\d+, \d+ pictures/s, .* left", line) for line in lines), lines
    assert lines[-1].endswith(" 0 s left")


def test_a_first_step_has_no_speed_yet(monkeypatch):
    """What came before it is no part of a step: nothing is said that would have to be taken back."""
    from cellnn.cli import train as module
    from cellnn.diffusion.training import read_config
    from cellnn.diffusion.training.progress import Progress

    pace = module._Pace(read_config(CONFIG).config.training)
    clock = iter((100.0, 102.0))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    pace.add(Progress(step=1), 0.5)
    assert str(pace) == "loss 0.5"
    pace.add(Progress(step=2), 0.5)
    assert str(pace) == "loss 0.5, 8 pictures/s, 20 s left"


def test_the_command_to_go_on_with_can_be_pasted(write_config, cellnn_command, tmp_path, monkeypatch):
    from cellnn.diffusion.training import signals

    monkeypatch.setattr(signals.StopSignals, "asked", lambda self: True)
    run = tmp_path / "a run; of mine"
    result = cellnn_command("train", write_config(), "-o", run)
    *_, command = result.err.splitlines()
    words = shlex.split(command.removeprefix("to go on: "))
    assert words == ["cellnn", "train", str(tmp_path / "config.yaml"), "-o", str(run), "--resume"]


def test_tensorboard_has_to_be_there(write_config, cellnn_command, tmp_path, monkeypatch):
    from cellnn.diffusion.training import start

    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    result = cellnn_command("train", write_config(tensorboard=True), "-o", tmp_path / "run")
    assert result.status == 2 and "training.tensorboard: got True; expected an installed tensorboard" in result.err
    assert not (tmp_path / "run").exists()


def newest(run):
    """The newest checkpoint; None of none."""
    found = numbered(run / "checkpoints")
    return found[0] if found else None
