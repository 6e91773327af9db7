"""Batch norms of the averaged weights, measured anew, against torch's own way to do it."""

import pytest
import torch
from torch.optim.swa_utils import update_bn

from cellnn.devices import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.training import load_run, read_config, train
from cellnn.diffusion.training.model import make_network
from cellnn.diffusion.training.step import ExampleSource

from .conftest import tensors_of


def arrays(config, statistics):
    """The config with blocks of plain cells, whose arrays are the same in training and in use."""
    config["network"] = {"block": "cellnn", "channels": [4, 6], "embedding": 16, "cell": {"circuit": "chua-yang"}}
    config["training"] |= {"statistics": statistics, "snapshot_every": 6}
    return read_config(config)


class Told(torch.nn.Module):
    """torch hands over one thing; the network takes three."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, given):
        return self.network(*given)


def noised(source, step):
    """What the network is given in a step, written out."""
    given = ExampleSource(source.config, load_images("digits")).of_step(step)
    schedule = source.config.process.noise()
    alpha, sigma = (value.float()[:, None, None, None] for value in (schedule.alpha(given.t), schedule.sigma(given.t)))
    return alpha * given.x0 + sigma * given.eps, given.t.float(), given.label


def test_statistics_are_those_torch_finds_for_the_averaged_weights(config, tmp_path):
    source = arrays(config, 3)
    train(source, tmp_path / "run")
    checkpoint = tensors_of(next((tmp_path / "run" / "checkpoints").glob("*12.safetensors")))
    network = make_network(source.config)
    names = network.state_dict().keys()
    network.load_state_dict({name: checkpoint[f"average/{name}"] for name in names})
    update_bn([[noised(source, step)] for step in range(3)], Told(network))
    found = load_run(tmp_path / "run").network.state_dict()
    differ = 0
    for name, value in network.state_dict().items():
        torch.testing.assert_close(found[name], value, rtol=1e-5, atol=1e-6)
        differ += "running" in name and not torch.allclose(value, checkpoint[f"average/{name}"], rtol=1e-2)
    assert differ, "measured and averaged statistics are not the same"
    snapshot = tensors_of(tmp_path / "run" / "snapshots" / "step-00000012.safetensors")
    assert all(torch.equal(snapshot[name], found[name]) for name in names)


def test_what_is_trained_does_not_depend_on_it(config, tmp_path):
    weights = []
    for statistics in (0, 2):
        train(arrays(config, statistics), tmp_path / str(statistics))
        weights.append(tensors_of(next((tmp_path / str(statistics) / "checkpoints").glob("*12.safetensors"))))
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_a_network_for_a_chip_keeps_the_statistics_of_its_start(config):
    config |= {"start": "mnist-cellnn", "hardware": {"mismatch": {"R": 0.01}}}
    with pytest.raises(InputError, match="training.statistics: got 1"):
        arrays(config, 1)
