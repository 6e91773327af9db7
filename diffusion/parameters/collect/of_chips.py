"""A collection whose members are the parameters of simulated chips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.tensor_files import read_tensors, write_tensors
from ..chips.collect import ChipSeries

Watch = Callable[[int, int, float], None]


def collect_chips(
    series: ChipSeries,
    chips: int,
    partial: Path,
    document: dict[str, Any],
    watch: Watch,
    interrupted: Callable[[], bool],
) -> tuple[Tensor, Tensor] | None:
    """Vectors (chips, size) and measurements (chips, m); None when `interrupted` said so, what is done being kept.

    Chips come `at_once`, and what is done so far is kept in `partial`: to go on from there gives the same bits.
    Raises InputError where what is kept belongs to another config.
    """
    vectors, told = _kept(partial, document)
    while (done := sum(map(len, vectors))) < chips:
        if interrupted():
            return None
        made = series.made(done, min(series.spec.at_once, chips - done))
        told.append(series.measured(made))
        vectors.append(series.tuned(made))
        write_tensors(partial, {"vectors": torch.cat(vectors), "told": torch.cat(told)}, {"config": document})
        watch(sum(map(len, vectors)), chips, 0.0)
    return torch.cat(vectors), torch.cat(told)


def _kept(partial: Path, document: dict[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
    if not partial.exists():
        return [], []
    tensors, about, _ = read_tensors(partial)
    if about.get("config") != document:
        hint = "what was begun has another config: go on with that one, or remove the file"
        raise InputError("", partial.name, "a collection begun with this config", hint, str(partial))
    return [tensors["vectors"]], [tensors["told"]]
