"""Several processes that train, or draw from, one network: `accelerate launch`, or torchrun.

Each takes its rows of every batch, gradients and statistics are summed over all, and the first alone keeps the run's
folder. What is random is drawn for the whole batch in every process, so that the numbers are those of one process but
for the order of sums.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor

from ..devices.errors import InputError

PATIENCE = timedelta(days=30)
"""That processes wait for each other: the others for as long as the first trains an autoencoder, measures, draws or
evaluates. The libraries' own is 10 or 30 minutes. Where one dies the launcher ends all at once."""


@dataclass(frozen=True)
class Processes:
    """This process's place among those of the run; the only one, unless it was launched otherwise."""

    number: int = 0
    count: int = 1

    @property
    def main(self) -> bool:
        """Whether this is the one that reads and writes the run's folder, and speaks."""
        return self.number == 0

    def rows(self, start: int, stop: int) -> tuple[int, int]:
        """This process's part of the rows of a batch."""
        size = stop - start
        return start + size * self.number // self.count, start + size * (self.number + 1) // self.count

    def summed(self, value: Tensor) -> Tensor:
        """The sum of all processes' tensors, in place."""
        if self.count > 1:
            moved = value.to(_device() or value.device)  # NCCL takes what is on a GPU only
            torch.distributed.all_reduce(moved)
            if moved is not value:
                value.copy_(moved)
        return value

    def gathered(self, value: Tensor) -> Tensor:
        """What any process has put into a tensor that holds zeros elsewhere, bit for bit: float32 or float64."""
        self.summed(value.view(torch.int32 if value.dtype == torch.float32 else torch.int64))
        return value

    def agreed(self, value: int) -> int:
        """The main process's number."""
        if self.count == 1:
            return value
        return int(self.summed(torch.tensor([value if self.main else 0])).item())

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """The block is run by the main process, and after it by all others."""
        if not self.main:
            self.agreed(0)
        yield
        if self.main:
            self.agreed(0)

    def check_batch(self, size: int) -> None:
        """InputError where the rows of a batch are not as many for each process."""
        if size % self.count:
            expected = f"a multiple of {self.count} pictures at once (batch / accumulate), as many for each process"
            raise InputError("training.batch", size, expected, "another number of processes")


ALONE = Processes()
_HERE = ALONE


def here() -> Processes:
    """This process's place; `begin` says it."""
    return _HERE


def launched() -> bool:
    """Whether other processes were started with this one."""
    return int(os.environ.get("WORLD_SIZE", "1") or 1) > 1


def begin(cpu: bool = False) -> Processes:
    """Meet the other processes, if there are any; with `cpu`, by gloo even where there are GPUs.

    A process on a machine with GPUs takes the one of its local number.
    """
    global _HERE
    if launched():
        from accelerate import PartialState

        state = PartialState(cpu=cpu, timeout=PATIENCE)
        _HERE = Processes(state.process_index, state.num_processes)
    return _HERE


def _device() -> str | None:
    return "cuda" if torch.distributed.get_backend() == "nccl" else None
