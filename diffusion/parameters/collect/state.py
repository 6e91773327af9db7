"""How far a collection has come, on the disk: enough to go on as if it had never stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn, optim

from ...training.tensor_files import read_tensors, write_tensors
from ..vectors import Layout
from .begun import check_config, partial_of

NETWORK, OPTIMIZER, COLLECTED = "network/", "optimizer/", "collected"


class State:
    """Network, optimizer, step and what was collected. `partial` beside the output keeps it, whole at any time."""

    def __init__(self, network: nn.Module, layout: Layout, output: Path, document: dict[str, Any]) -> None:
        self.network, self.layout, self.document = network, layout, document
        self.partial = partial_of(output)
        self.step = 0
        self.optimizer: optim.Optimizer | None = None
        self.collected: list[Tensor] = []

    def save(self) -> None:
        """Write it, in place of what was there."""
        tensors = {NETWORK + name: value for name, value in self.network.state_dict().items()}
        if self.optimizer is not None:
            for number, values in self.optimizer.state_dict()["state"].items():
                tensors |= {f"{OPTIMIZER}{number}/{key}": value for key, value in values.items()}
        if self.collected:
            tensors[COLLECTED] = torch.stack(self.collected)
        write_tensors(self.partial, tensors, {"step": self.step, "config": self.document})

    def read(self) -> dict[int, dict[str, Tensor]]:
        """Take up what was saved, and return the optimizer's part of it by the number of the parameter.

        Raises InputError when it is damaged, or of another config.
        """
        tensors, about, _ = read_tensors(self.partial)
        check_config(about.get("config"), self.document, self.partial)
        network = {k.removeprefix(NETWORK): value for k, value in tensors.items() if k.startswith(NETWORK)}
        self.network.load_state_dict(network)
        self.step = about["step"]
        self.collected = list(tensors[COLLECTED]) if COLLECTED in tensors else []
        held: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith(OPTIMIZER):
                number, _, key = name.removeprefix(OPTIMIZER).partition("/")
                held.setdefault(int(number), {})[key] = value
        return held
