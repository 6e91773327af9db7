"""The report: originals, generated ones and ablations, all measured on the same pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...training.streams import stream_seed
from ..model import ParametersModel
from .ablations import retrained, untrained
from .groups import Group
from .scores import scores_of, source_of
from .similarity import between, nearest_other, within


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The `report` as plain data; vectors (n, size) and scores (n, pictures) of every group, for pictures."""

    report: dict[str, Any] = field(repr=False)
    vectors: dict[str, Tensor] = field(repr=False)
    scores: dict[str, Tensor] = field(repr=False)


def evaluate_parameters(
    model: ParametersModel,
    n: int,
    seed: int = 0,
    *,
    ablations: str = "quick",
    folder: Path | None = None,
    progress: Callable[[str, float], None] = lambda name, done: None,
) -> Evaluation:
    """Measure n generated vectors against n originals: mean, best, worst, and how alike they are.

    Originals are n of the model's collection, or all where there are fewer, evenly spread over it. The ablations are
    `quick`, those that need no training, or `all`. Raises InputError for data that are not there.
    """
    source = source_of(model.collection, folder)
    kept = model.collection.vectors
    chosen = torch.linspace(0, len(kept) - 1, min(n, len(kept))).round().long()
    vectors = {"original": kept[chosen], "generated": model.generate(n, seed)}
    if ablations != "none":
        vectors |= untrained(model, kept, n, seed)
    if ablations == "all":
        vectors |= retrained(model, n, seed, lambda name: progress(f"training: {name}", 0.0))
    scores = {
        name: scores_of(source, model.layout, group, lambda done, name=name: progress(name, done))  # type: ignore[misc]
        for name, group in vectors.items()
    }
    groups = {name: Group(np.asarray(found), source.measure) for name, found in scores.items()}
    originals, bootstrap = groups["original"], stream_seed(seed, "bootstrap")
    plain = {name: group.plain(bootstrap, originals) for name, group in groups.items()}
    pictures = scores["original"].shape[1]
    report: dict[str, Any] = {
        "model": model.name,
        "name": model.config.name,
        "weights": model.about["weights"]["sha256"],
        "n": n,
        "seed": seed,
        "measure": source.measure,
        "pictures": pictures,
        "resolution": 1 / pictures if source.measure == "accuracy" else None,
        "numbers": model.layout.size,
        "originals": len(kept),
        "original": plain.pop("original"),
        "generated": plain.pop("generated"),
        **_similarities(groups),
        **_distances(vectors),
        "ablations": plain,
    }
    return Evaluation(report, vectors, scores)


def _similarities(groups: dict[str, Group]) -> dict[str, Any]:
    """Mean overlaps of wrongly classified pictures; null where there is no right and wrong."""
    names = ("original_original", "generated_original", "generated_generated", "original_nearest_original")
    original, generated = groups["original"].wrong, groups["generated"].wrong
    if original is None or generated is None:
        return {f"similarity_{name}": None for name in names}
    nearest = float(nearest_other(original).mean()) if len(original) > 1 else None
    values = (within(original), between(generated, original), within(generated), nearest)
    return {f"similarity_{name}": value for name, value in zip(names, values, strict=True)}


def _distances(vectors: dict[str, Tensor]) -> dict[str, Any]:
    """The mean distance of vectors to the nearest original, relative to that of two originals taken at random."""
    original = vectors["original"].double()
    if len(original) < 2:
        return {"distance_to_nearest_original": None}
    among = torch.cdist(original, original)
    typical = float(among.sum() / (len(original) * (len(original) - 1)))
    found = {}
    for name, group in vectors.items():
        each = torch.cdist(group.double(), original)
        if name == "original":
            each = each + torch.diag(torch.full((len(original),), torch.inf, dtype=torch.float64))
        found[name] = float(each.min(1).values.mean()) / max(typical, 1e-30)
    return {"distance_to_nearest_original": found}
