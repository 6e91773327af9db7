"""A collection whose members are the parameters of simulated chips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...training.tensor_files import read_tensors, write_tensors
from ..chips.collect import ChipSeries
from .begun import check_config

Watch = Callable[[int, int, float | None], None]
"""Called with what is done, all there is to do, and the loss where there is one."""


def collect_chips(
    series: ChipSeries,
    chips: int,
    partial: Path,
    document: dict[str, Any],
    watch: Watch,
    interrupted: Callable[[], bool],
) -> tuple[list[Tensor], list[Tensor]]:
    """Vectors (n, size) and measurements (n, m), in parts; of fewer than all `chips` when `interrupted` said so.

    Chips come `at_once`, and what is done so far is kept in `partial`: to go on from there gives the same bits.
    Raises InputError where what is kept belongs to another config.
    """
    vectors, told = _kept(partial, document)
    while (done := sum(map(len, vectors))) < chips:
        if interrupted():
            if not done:
                write_tensors(partial, {}, {"config": document})  # so that there is something to go on with
            break
        made = series.made(done, min(series.spec.at_once, chips - done))
        told.append(series.measured(made))
        vectors.append(series.tuned(made))
        write_tensors(partial, {"vectors": torch.cat(vectors), "told": torch.cat(told)}, {"config": document})
        watch(sum(map(len, vectors)), chips, None)
    return vectors, told


def _kept(partial: Path, document: dict[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
    if not partial.exists():
        return [], []
    tensors, about, _ = read_tensors(partial)
    check_config(about.get("config"), document, partial)
    return ([tensors["vectors"]], [tensors["told"]]) if tensors else ([], [])
