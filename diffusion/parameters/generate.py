"""New parameters in a file, as `cellnn parameters generate` writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from .model import ParametersModel
from .vectors import Collection


def generate_to(
    model: ParametersModel,
    n: int,
    seed: int,
    output: Path,
    *,
    told: Tensor | None = None,
    chip: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> str:
    """Draw n sets of parameters, write them with the network they belong to, and return the content's SHA-256.

    Of a model for chips `told` (1, m) is what was measured, and `chip` the chip's number, for the record. The file
    holds each parameter by its name in the network, (n, *shape), and of a classifier the whole network it was collected
    of under `base/`. Raises InputError when it cannot be written.
    """
    vectors = model.generate(n, seed, told, progress=progress)
    collected = model.collection.about
    about = {
        "cellnn": 1,
        "name": model.config.name,
        "generated": {"n": n, "seed": seed, "model": model.name, "weights": model.about["weights"]["sha256"]}
        | ({} if chip is None else {"chip": chip}),
        "measure": collected["measure"],
        "source": collected["source"],
        "config": collected["config"],
    }
    return Collection(model.layout, vectors, model.collection.base, about).write(output)
