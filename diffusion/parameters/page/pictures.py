"""Samples of denoisers with generated parameters, from the same noise."""

from __future__ import annotations

from pathlib import Path

import torch

from ...training.load_run import load_run
from ...training.pictures import save_sheet
from ..model import ParametersModel
from ..sources.source import holding

COLUMNS = 10
GENERATED = 3


def save_denoisers(model: ParametersModel, path: Path, seed: int = 0) -> None:
    """A sheet: digits of the denoiser as it is, of the last original, and of generated ones, a row each.

    Column k of every row has the same start noise. For collections of a denoiser that comes with the program, or a run.
    """
    name = str(model.collection.about["source"]["model"])
    trained = load_run(name)
    vectors = torch.cat([model.collection.vectors[-1:], model.generate(GENERATED, seed)])
    labels = list(range(COLUMNS)) if len(trained.classes) == COLUMNS else None
    rows = [trained.sample(COLUMNS, seed, labels, batch=COLUMNS)]
    for vector in vectors:
        values = {key: value[0] for key, value in model.layout.tensors(vector[None]).items()}
        with holding(trained.network, values):
            rows.append(trained.sample(COLUMNS, seed, labels, batch=COLUMNS))
    save_sheet(torch.cat(rows), path, COLUMNS)
