"""kill -9 at any moment: the run goes on from its last whole checkpoint, to the same bits."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cellnn.diffusion.training import read_config, train
from cellnn.diffusion.training.checkpoint import file_name
from cellnn.diffusion.training.log import read_log

from .conftest import same_run, tensors_of

ROOT = Path(__file__).parent.parent.parent
CHAINS = {
    "on purpose": (
        "config save:1:half log:1 save:2:half save:2:renamed log:3 save:3:renamed "  # as it begins, and at checkpoints
        "save:2:half about save:2:renamed"  # as the model is written, again and again
    ),
    "whenever": "after:0.1 after:0.2 after:0.15 after:0.05",
}


@pytest.mark.parametrize("moments", CHAINS.values(), ids=CHAINS)
def test_killed_and_resumed_is_bit_for_bit_the_run_that_was_not(moments, finished, config, tmp_path):
    run = tmp_path / "run"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    moments = moments.split()
    command = [sys.executable, "-m", "tests.training.killed_runs", tmp_path / "config.yaml", run, *moments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ends = [line.split()[1] for line in done.stdout.splitlines()]
    if moments[0].startswith("after"):
        assert len(ends) == len(moments) and set(ends) <= {"9", "ended"}
    else:
        assert ends == ["9"] * len(moments)
        assert any(path.name.startswith(".cellnn-") for path in run.rglob("*")), "the last kill left half a file"
    train(read_config(tmp_path / "config.yaml"), run, go_on=(run / "config.yaml").exists())
    same_run(run, finished)


def test_a_kill_loses_no_more_than_the_steps_since_the_checkpoint(config, tmp_path):
    """A kill at the second checkpoint: the run goes on from the first, and no line is double."""
    run = tmp_path / "run"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    # the files of tensors in turn: checkpoint 4, snapshot 6, checkpoint 8
    command = [sys.executable, "-m", "tests.training.killed_runs", tmp_path / "config.yaml", run, "save:3:half"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert [path.name for path in (run / "checkpoints").glob("step-*")] == [file_name(4)]
    assert [row["step"] for row in read_log(run / "log.csv")] == ["2", "4", "6", "8"]
    assert tensors_of(run / "checkpoints" / file_name(4))
    seen = []
    config, watch = read_config(tmp_path / "config.yaml"), lambda progress, loss: seen.append(progress.step)
    train(config, run, go_on=True, watch=watch)
    assert seen == list(range(5, 13))
    assert [row["step"] for row in read_log(run / "log.csv")] == ["2", "4", "6", "8", "10", "12"]
