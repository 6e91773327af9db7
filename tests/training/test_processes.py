"""Training over two processes: against one process, torch's own batch norm and dropout, and by both launchers."""

import copy
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cellnn.circuits.spec.hardware import HardwareSpec
from cellnn.devices.errors import InputError
from cellnn.diffusion.launched import Processes
from cellnn.diffusion.training import read_config, train
from cellnn.diffusion.training.global_batch import GlobalBatchNorm2d, GlobalDropout, check_shareable
from cellnn.diffusion.training.log import read_log

LAUNCH = {
    "accelerate": ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1",
                   "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0", "-m"],
    "torchrun": ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "-m"],
}  # fmt: skip
STEPS = 50


def launched(how, *words, status=0):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *LAUNCH[how], "cellnn", *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500)
    assert (done.returncode == 0) == (status == 0), (done.stdout, done.stderr)
    return done


class Pair(Processes):
    """Two processes that are threads of this one."""

    def summed(self, value):
        self.barrier.wait()
        self.given[self.number] = value.detach().clone()
        self.barrier.wait()
        value.copy_(self.given[0] + self.given[1])
        self.barrier.wait()
        return value


def both(work):
    """What work(places) gives in each of two threads."""
    barrier, given, found = threading.Barrier(2), {}, {}

    def run(number):
        places = Pair(number, 2)
        object.__setattr__(places, "barrier", barrier)
        object.__setattr__(places, "given", given)
        found[number] = work(places)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found[0], found[1]


def test_batch_norm_of_two_is_torchs_of_the_whole_batch():
    torch.manual_seed(0)
    x, upstream = 3 + 2 * torch.randn(7, 3, 4, 5, dtype=torch.float64), torch.randn(7, 3, 4, 5, dtype=torch.float64)
    whole = nn.BatchNorm2d(3).double()
    nn.init.normal_(whole.weight), nn.init.normal_(whole.bias)
    norms = [copy.deepcopy(whole) for _ in range(2)]
    given = x.clone().requires_grad_()
    expected = whole(given)
    expected.backward(upstream)

    def work(places):
        first, last = places.rows(0, 7)
        norm, part = GlobalBatchNorm2d(norms[places.number], places), x[first:last].clone().requires_grad_()
        y = norm(part)
        y.backward(upstream[first:last])
        return norm, y.detach(), part.grad, norm.weight.grad, norm.bias.grad

    one, other = both(work)
    assert torch.allclose(torch.cat([one[1], other[1]]), expected.detach(), atol=1e-12)
    assert torch.allclose(torch.cat([one[2], other[2]]), given.grad, atol=1e-12)
    assert torch.allclose(one[3] + other[3], whole.weight.grad) and torch.allclose(one[4] + other[4], whole.bias.grad)
    for norm in (one[0], other[0]):
        assert torch.allclose(norm.running_mean, whole.running_mean) and int(norm.num_batches_tracked) == 1
        assert torch.allclose(norm.running_var, whole.running_var)


def test_rows_are_shared_out_whole():
    for size, count in ((7, 2), (16, 3), (5, 5)):
        rows = [Processes(k, count).rows(3, 3 + size) for k in range(count)]
        assert rows[0][0] == 3 and rows[-1][1] == 3 + size and min(b - a for a, b in rows) >= 1
        assert all(a[1] == b[0] for a, b in zip(rows, rows[1:], strict=False))


def test_dropout_of_two_is_torchs_of_the_whole_batch():
    x = torch.randn(6, 4, 3, 3)
    torch.manual_seed(5)
    expected = nn.Dropout(0.3)(x)
    module = GlobalDropout(nn.Dropout(0.3), Processes(1, 2))
    torch.manual_seed(5)
    assert torch.equal(module(x[3:]), expected[3:])
    assert torch.equal(module.eval()(x), x)


def test_what_several_processes_cannot_train_is_refused(config):
    check_shareable(read_config(config).config, Processes(1, 2))
    one = read_config(config | {"training": config["training"] | {"batch": 1, "accumulate": 1}}).config
    check_shareable(one, Processes())
    with pytest.raises(InputError, match="training.batch: got 1; expected a multiple of 2 pictures at once"):
        check_shareable(one, Processes(0, 2))
    aware = read_config(config).config.model_copy(update={"hardware": HardwareSpec()})
    with pytest.raises(InputError, match="hardware: .* nothing with 2 processes"):
        check_shareable(aware, Processes(0, 2))


@pytest.mark.parametrize(("how", "block"), [("accelerate", "cellnn"), ("torchrun", "conv")])
def test_two_processes_have_the_losses_of_one(how, block, config, tmp_path):
    """With batch norms in the one network and dropout in the other; the log has every step."""
    if block == "cellnn":
        config["network"] = {"block": "cellnn", "cell": {"circuit": "chua-yang"}, "channels": [8], "embedding": 8}
        config["network"] |= {"integration": {"method": "euler", "steps": 2}}
    config["training"] |= {"steps": STEPS, "log_every": 1, "evaluate_every": 25, "checkpoint_every": 20}
    config["training"] |= {"snapshot_every": 0, "accumulate": 2}
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    run, alone = tmp_path / "run", tmp_path / "alone"
    train(read_config(config), alone)
    if block == "conv":  # in two parts
        half = config | {"training": config["training"] | {"steps": 25, "decay": "constant"}}
        (tmp_path / "half.yaml").write_text(json.dumps(half))
        config["training"]["decay"] = "constant"
        (tmp_path / "config.yaml").write_text(json.dumps(config))
        alone = tmp_path / "constant"
        train(read_config(config), alone)
        launched(how, "train", tmp_path / "half.yaml", "-o", run)
        told = launched(how, "train", tmp_path / "config.yaml", "-o", run, "--resume")
    else:
        told = launched(how, "train", tmp_path / "config.yaml", "-o", run)
    assert told.stdout.count("completed:") == 1, told.stdout
    logs = [read_log(folder / "log.csv") for folder in (alone, run)]
    losses = np.array([[float(row["loss"]) for row in log] for log in logs])
    assert losses.shape == (2, STEPS)
    assert np.abs(losses[0] - losses[1]).max() < 1e-5
    held_out = [float(log[-1]["held_out_loss"]) for log in logs]
    assert held_out[0] == pytest.approx(held_out[1], abs=1e-5)
    assert not list(Path(run).rglob(".cellnn-*")) and (run / "model.json").exists()


def test_sampling_and_evaluation_are_split_and_give_the_same_bits(finished, tmp_path):
    """Batches are shared out; that of a batch is one process's alone."""
    words = ["-n", "110", "--batch", "20", "--seed", "3"]
    launched("torchrun", "sample", finished, *words, "-o", tmp_path / "two.npz")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    alone = [sys.executable, "-m", "cellnn"]
    one = [*alone, "sample", str(finished), *words, "-o", str(tmp_path / "one.npz")]
    subprocess.run(one, env=environment, check=True, capture_output=True)
    with np.load(tmp_path / "one.npz") as first, np.load(tmp_path / "two.npz") as second:
        for name in first.files:
            assert np.array_equal(first[name], second[name]), name
