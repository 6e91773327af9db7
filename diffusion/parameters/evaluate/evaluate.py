"""The report: originals, generated ones and ablations, all measured on the same pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ...training.streams import stream_seed
from ..latents.data import evenly_chosen
from ..latents.scaling import Scaling
from ..model import ParametersModel
from .ablations import COPIES, retrained, untrained
from .groups import Group
from .novelty import GENERATED, ORIGINAL, nearest_distances, nearest_similarities, novelty, spreads
from .resampling import halves, interval, shares
from .scores import scores_of, source_of
from .similarity import between, within


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
    """Measure n generated vectors and all the originals: mean, best, worst, how alike they are, and how new.

    Best and worst are of equal counts: of the first of each group and of as many originals, evenly spread, n or all
    where there are fewer; everything else is of all originals, whatever n is. The ablations are `none`, `quick`, those
    that need no training, or `all`. Raises InputError for data that are not there.
    """
    source = source_of(model.collection, folder)
    originals = model.collection.vectors[evenly_chosen(len(model.collection.vectors), model.config.data.first)]
    vectors = {ORIGINAL: originals, GENERATED: model.generate(n, seed)}
    if ablations != "none":
        vectors |= untrained(model, originals, n, seed)
    if ablations == "all":
        vectors |= retrained(model, n, seed, lambda name: progress(f"training: {name}", 0.0))
    scores = {
        name: scores_of(source, model.layout, group, lambda done, name=name: progress(name, done))  # type: ignore[misc]
        for name, group in vectors.items()
    }
    measured = {name: np.asarray(found) for name, found in scores.items()}
    report = {
        "model": model.name,
        "name": model.config.name,
        "weights": model.about["weights"]["sha256"],
        "n": n,
        "seed": seed,
        "numbers": model.layout.size,
        "originals": len(originals),
        **compared(measured, vectors, Scaling.of(originals, model.layout).scale, source.measure, seed),
    }
    return Evaluation(report, vectors, scores)


def compared(
    scores: dict[str, np.ndarray], vectors: dict[str, Tensor], scale: Tensor, measure: str, seed: int
) -> dict[str, Any]:
    """The measured part of the report, of each group's scores (n, pictures) and vectors (n, size); `original` and
    `generated` are groups, all others ablations. `scale` (size,) is the unit of each number."""
    at_most = min(len(scores[ORIGINAL]), len(scores[GENERATED]))
    groups = {
        name: (Group.evenly if name == ORIGINAL else Group.first)(found, measure, at_most)
        for name, found in scores.items()
    }
    originals, pictures = groups[ORIGINAL], scores[ORIGINAL].shape[1]
    resampled = shares(pictures, stream_seed(seed, "bootstrap"))
    half = halves(pictures, stream_seed(seed, "halves"))
    similarities, distances = nearest_similarities(groups, resampled), nearest_distances(vectors)
    spread = spreads(vectors, scale)
    plain: dict[str, dict[str, Any]] = {}
    for name, group in groups.items():
        found = group.plain(resampled, half)
        if name == ORIGINAL:
            whole = Group.first(group.scores, measure, len(group.scores))
            found |= {"best_of_all": whole.best(), "worst_of_all": whole.worst()}
        else:
            found |= group.beyond(originals, resampled, half)
            if group.wrong is not None and originals.wrong is not None:
                found["similarity_to_originals"] = between(group.wrong, originals.wrong)
        found["similarity_within"] = None if group.wrong is None else within(group.wrong)
        if similarities is not None:
            each, draws = similarities[name]
            found["nearest_original"] = float(each.mean())
            found["nearest_original_interval"] = interval(draws.mean(1))
        found["distance_to_nearest_original"] = None if distances is None else float(distances[name].mean())
        found["spread"] = spread[name]
        plain[name] = found
    return {
        "measure": measure,
        "pictures": pictures,
        "resolution": 1 / pictures if measure == "accuracy" else None,
        "compared": at_most,
        "original": (old := plain.pop(ORIGINAL)),
        "generated": (new := plain.pop(GENERATED)),
        "similarity_original_original": old["similarity_within"],
        "similarity_generated_original": new.get("similarity_to_originals"),
        "similarity_generated_generated": new["similarity_within"],
        "similarity_original_nearest_original": old.get("nearest_original"),
        "novelty": novelty(similarities, distances, COPIES, stream_seed(seed, "novelty")),
        "ablations": plain,
    }
