"""A model whose data is Gaussian, so that everything about its restorations is known; a tiny real run."""

from types import SimpleNamespace

import pytest
import torch

from cellnn.diffusion.process import Schedule
from cellnn.diffusion.training import read_config, train

from ..process.gaussian import gaussian_denoiser
from ..training.conftest import CONFIG


class Exact(torch.nn.Module):
    """E[x0|x] of Gaussian data."""

    classes = None

    def __init__(self, schedule):
        super().__init__()
        self.answer = gaussian_denoiser(schedule)
        self.here = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, t, label=None):
        return self.answer(x, t)


@pytest.fixture(scope="session")
def exact():
    """What `restored` asks of a TrainedModel."""
    schedule = Schedule()
    config = SimpleNamespace(classes=None)
    return SimpleNamespace(network=Exact(schedule), schedule=schedule, prediction="x0", config=config)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The folder of a tiny trained model of the 8 x 8 digits."""
    folder = tmp_path_factory.mktemp("restored") / "run"
    train(read_config(CONFIG), folder)
    return folder
