"""Runs whose numbers stop being finite: what they say, and what they leave."""

import json
import os
import subprocess
import sys

import pytest
import torch

from cellnn.devices.errors import InputError, SimulationError
from cellnn.diffusion.training import loop, read_config, train
from cellnn.diffusion.training.checkpoint import file_name
from cellnn.diffusion.training.failures import LastSeen, TrainingError, by_gradient, not_finite, out_of_memory

from .conftest import same_run, tensors_of


def broken_at(monkeypatch, step, harm):
    """Do harm to the network just before the gradient of this step, from 0."""
    gradients = loop.gradients

    def harmed(config, network, examples, number, device):
        if number == step:
            harm(network)
        return gradients(config, network, examples, number, device)

    monkeypatch.setattr(loop, "gradients", harmed)


def test_a_loss_that_is_not_finite_ends_the_run_and_leaves_its_checkpoint(config, tmp_path, monkeypatch, finished):
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        broken_at(patch, 9, lambda network: network.last.bias.data.fill_(float("nan")))
        with pytest.raises(TrainingError) as caught:
            train(read_config(config), run)
    text = str(caught.value)
    assert not isinstance(caught.value, InputError) and "\n" not in text
    assert text.startswith("step 10: the loss is no longer finite, the step before's largest gradient is that of ")
    assert "the loss before was " in text and "try a lower training.learning_rate" in text
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == [file_name(4), file_name(8)]
    assert not (run / "model.json").exists()
    train(read_config(config), run, go_on=True)
    same_run(run, finished)


def test_a_gradient_that_is_not_finite_is_named(config, tmp_path, monkeypatch):
    def harm(network):
        network.last.bias.register_hook(lambda gradient: gradient * float("inf"))

    broken_at(monkeypatch, 2, harm)
    with pytest.raises(TrainingError, match="step 3: the gradient is no longer finite, the first broken gradient is "
                       "that of last.bias; the loss before was"):  # fmt: skip
        train(read_config(config), tmp_path / "run")


def test_weights_that_are_not_finite_are_not_saved(config, tmp_path, monkeypatch):
    update, calls = loop.update, iter(range(1, 100))

    def harmed(network, *words):
        update(network, *words)
        if next(calls) == 4:
            network.first.bias.data[0] = float("inf")

    monkeypatch.setattr(loop, "update", harmed)
    with pytest.raises(TrainingError, match="step 4: the weights are .* finite, the first of them in first.bias; the"):
        train(read_config(config), tmp_path / "run")
    assert list((tmp_path / "run" / "checkpoints").iterdir()) == []


def test_a_learning_rate_out_of_all_measure_does_not_end_well(config, tmp_path):
    """Nothing patched: the weights run away by themselves."""
    config["training"] |= {"learning_rate": 1e3, "gradient_clip": None, "warmup": 0, "decay": "constant", "steps": 4000}
    config["network"]["channels"] = [8, 8]
    config["training"] |= {"weight_decay": 1e3, "evaluate_every": 0, "snapshot_every": 0}
    with pytest.raises(TrainingError, match="no longer finite.*; the loss before was .*learning_rate"):
        train(read_config(config), tmp_path / "run")
    for path in (tmp_path / "run" / "checkpoints").iterdir():
        assert all(bool(torch.isfinite(tensor).all()) for tensor in tensors_of(path).values())


def test_arrays_that_run_away_end_the_run(config, tmp_path, monkeypatch):
    def harm(network):
        def runs_away(module, given):
            raise SimulationError("the states ran away")

        network.register_forward_pre_hook(runs_away)

    broken_at(monkeypatch, 1, harm)
    with pytest.raises(TrainingError, match="step 2: the states ran away; the loss before was"):
        train(read_config(config), tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "cure"),
    [("down.0.array.feedback", "a finer integration"), ("middle.memristor.x0", "memristors that matter less")],
)
def test_the_part_of_the_network_suggests_the_cure(name, cure):
    norms = torch.tensor([1.0, 3.0])
    broken = torch.full((2,), float("nan"))
    error = not_finite("the loss is", 7, LastSeen(0.5), by_gradient(["first.weight", name], broken, norms), True)
    assert f"largest gradient is that of {name}" in str(error)
    assert cure in str(error) and "precision: single" in str(error)


def test_a_held_out_loss_that_is_not_finite_ends_the_run(config, tmp_path, monkeypatch):
    monkeypatch.setattr(loop.HeldOut, "loss", lambda *words: float("nan"))
    with pytest.raises(TrainingError, match="step 6: the held-out loss is no longer finite; the loss before was"):
        train(read_config(config), tmp_path / "run")
    assert tensors_of(tmp_path / "run" / "checkpoints" / file_name(4))


@pytest.mark.parametrize(
    ("size", "every", "name"), [(20_000, 4, "run/checkpoints/step-00000004.safetensors"), (600, 12, "run/log.csv")]
)
def test_a_disk_that_is_full_on_the_way_is_a_run_that_failed(size, every, name, config, tmp_path):
    """In a process whose files may have so many bytes: the config has its place, the file that is named has not."""
    config["training"] |= {"log_every": 1, "checkpoint_every": every, "evaluate_every": 0, "snapshot_every": 0}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    code = (
        "import resource, sys\nfrom cellnn.cli import app\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))\n"
        "sys.argv = ['cellnn', 'train', 'c.yaml', '-o', 'run']\napp.main()\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: after step ") and f"got '{name}'" in done.stderr, done.stderr
    assert done.stderr.endswith("; the last checkpoint is whole\n")


def test_memory_that_is_short_is_told(config, tmp_path, monkeypatch):
    """With torch's own error: four petabytes are asked for."""
    broken_at(monkeypatch, 3, lambda network: torch.empty(2**50))
    with pytest.raises(TrainingError, match="step 4: no memory was left; try .*training.accumulate"):
        train(read_config(config), tmp_path / "run")
    assert out_of_memory(torch.OutOfMemoryError()) and not out_of_memory(RuntimeError("shapes differ"))
