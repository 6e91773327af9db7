"""The log's lines in TensorBoard, where it is installed and asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Board:
    """Scalars by the log's column names, in `tensorboard/` of the run's folder."""

    def __init__(self, folder: Path, until: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=until + 1)

    def add(self, row: Mapping[str, Any]) -> None:
        """A line of the log."""
        for name, value in row.items():
            if isinstance(value, float):
                self._writer.add_scalar(name, value, row["step"])
        self._writer.flush()

    def close(self) -> None:
        """No more lines."""
        self._writer.close()
