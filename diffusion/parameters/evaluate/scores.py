"""What vectors of parameters score, picture by picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.read_config import check_as
from ..collect.config import CollectConfig
from ..sources import Source, open_source
from ..sources.source import holding
from ..sources.spec import ClassifierSpec, SourceSpec
from ..vectors import Collection, Layout


def source_of(collection: Collection, folder: Path | None = None) -> Source:
    """The source a collection was made of, its network with the weights it had then.

    `folder` is where the data lie, when not where they usually are; the folder of a run is looked up from the current
    one, as there is no config's. Raises InputError for data or a model that are not there, or not those the collection
    was made with.
    """
    config = check_as(collection.about["config"], CollectConfig)
    spec = config.source
    if spec.collected is not None:  # the file may be gone; what counts of it is in this one
        spec = SourceSpec(classifier=check_as(collection.about["source"]["classifier"], ClassifierSpec))
    source = open_source(spec, config.data, folder, (config.seed.weights, config.seed.data))
    was, now = (about["data"]["files"] for about in (collection.about["source"], source.about()))
    if was != now:
        raise InputError("data", now, f"the data the parameters were collected with: {was}")
    was, now = (about.get("weights") for about in (collection.about["source"], source.about()))
    if was != now:  # of a denoiser, which the collection only names
        raise InputError("source.model", now, f"{spec.model} with the weights parameters were collected of: {was}")
    if collection.base:
        source.network.load_state_dict(dict(collection.base))
    source.network.eval().requires_grad_(False)
    return source


def scores_of(
    source: Source, layout: Layout, vectors: Tensor, progress: Callable[[float], None] | None = None
) -> Tensor:
    """(n, pictures), float64, of vectors (n, size): what the source's network scores with each."""
    found = []
    for k in range(len(vectors)):
        with holding(source.network, {name: value[0] for name, value in layout.tensors(vectors[k : k + 1]).items()}):
            found.append(source.scores())
        if progress is not None:
            progress((k + 1) / len(vectors))
    return torch.stack(found)
