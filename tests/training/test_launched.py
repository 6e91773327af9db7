"""How long processes wait for each other: in a group of one, made as `begin` makes it."""

from datetime import timedelta

import pytest
import torch
from accelerate import PartialState

from cellnn.diffusion import launched


@pytest.fixture
def group_of_one(monkeypatch):
    """torch's own group, by accelerate, but for the number of its processes."""
    made = torch.distributed.init_process_group

    def alone(backend, **options):
        made(backend, **options | {"store": torch.distributed.HashStore(), "rank": 0, "world_size": 1})

    monkeypatch.setattr(torch.distributed, "init_process_group", alone)
    for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.setenv(name, "2")
    for name in ("RANK", "LOCAL_RANK"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setattr(launched, "_HERE", launched.ALONE)
    PartialState._reset_state()
    yield
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    PartialState._reset_state()


def test_processes_wait_for_what_the_first_does_alone(group_of_one):
    """An autoencoder's training or an evaluation may take hours: the libraries give up after 10 or 30 minutes."""
    launched.begin(cpu=True)
    group = torch.distributed.group.WORLD
    assert group._get_backend(torch.device("cpu")).options._timeout >= timedelta(days=7)
