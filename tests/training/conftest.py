"""A training that takes a second, and what tests ask of its folder."""

import copy

import pytest
import torch

from cellnn.diffusion.training import read_config, train
from cellnn.diffusion.training.tensor_files import read_tensors

CONFIG = {
    "cellnn": 1,
    "name": "tiny",
    "data": {"name": "digits"},
    "network": {"block": "conv", "channels": [8], "embedding": 8, "dropout": 0.1},
    "training": {
        "steps": 12, "batch": 16, "learning_rate": 1e-3, "warmup": 3, "ema": 0.9, "shifts": 1, "device": "cpu",
        "log_every": 2, "evaluate_every": 6, "evaluate_pictures": 16, "checkpoint_every": 4, "snapshot_every": 6,
    },
    "sampling": {"steps": 3},
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    """Bits are compared: one number of threads for all, and no fight for cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def config():
    """A small config to change."""
    return copy.deepcopy(CONFIG)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a run of CONFIG that nothing stopped: only to be read."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("finished") / "run"
    train(read_config(CONFIG), folder)
    return folder


def tensors_of(path):
    return read_tensors(path)[0]


def same_bits(one, other):
    """Whether two sets of tensors have the same names, types and bits."""
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and torch.equal(one[name], other[name]) for name in one
    )


def same_run(folder, other):
    """Two folders hold the same run: weights, averages, optimizer, snapshots, and the log but for its seconds."""
    from cellnn.diffusion.training.log import read_log

    paths = sorted(path.relative_to(folder) for path in folder.rglob("*.safetensors"))
    assert paths == sorted(path.relative_to(other) for path in other.rglob("*.safetensors"))
    for path in paths:
        assert same_bits(tensors_of(folder / path), tensors_of(other / path)), path
    timed = ("seconds", "images_per_second")
    logs = [
        [{key: text for key, text in row.items() if key not in timed} for row in read_log(one / "log.csv")]
        for one in (folder, other)
    ]
    assert logs[0] == logs[1]
    assert not [path for path in folder.rglob(".*")]
