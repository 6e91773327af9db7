"""Originals and generated ones in two dimensions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....devices.files import replacing
from ..evaluate.ablations import untrained
from ..latents.data import evenly_chosen
from ..model import ParametersModel

Array = NDArray[np.float64]
COLOURS = {"original": "#7a8594", "generated": "#c8553d", "gaussian latents": "#7fb069", "normal latents": "#4a7fb5"}


def plane_of(originals: Array) -> tuple[Array, Array, Array]:
    """Mean (size,), the two directions of largest variance (2, size), and the shares of variance along them (2,), of
    vectors (n, size)."""
    mean = originals.mean(0)
    _, singular, directions = np.linalg.svd(originals - mean, full_matrices=False)
    shares = np.square(singular) / np.square(singular).sum()
    return mean, directions[:2], shares[:2]


def save_plane(groups: dict[str, Array], path: Path) -> Array:
    """Draw vectors (n, size) by group over the plane of the originals, which are joined in the order in which training
    came by them; returns the shares of variance along the axes."""
    from matplotlib.figure import Figure

    mean, directions, shares = plane_of(groups["original"])
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    axes = figure.subplots()
    for name, vectors in groups.items():
        x, y = ((vectors - mean) @ directions.T).T
        if name == "original":
            axes.plot(x, y, color=COLOURS[name], linewidth=0.6, alpha=0.5, zorder=1)
        axes.scatter(x, y, s=16, color=COLOURS.get(name), label=f"{name} ({len(vectors)})", alpha=0.8, zorder=2)
    axes.set_xlabel(f"first principal direction of the originals ({shares[0]:.0%} of their variance)")
    axes.set_ylabel(f"second ({shares[1]:.0%})")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
    return shares


def save_model_plane(model: ParametersModel, path: Path, n: int, seed: int = 0) -> Array:
    """As `save_plane`: all originals of a model, n it generates, and n decoded from simpler latents: those that
    `evaluate_parameters` measures."""
    originals = model.collection.vectors[evenly_chosen(len(model.collection.vectors), model.config.data.first)]
    simpler = untrained(model, originals, n, seed)
    groups = {name: simpler[name] for name in ("gaussian latents", "normal latents")}
    groups |= {"original": originals, "generated": model.generate(n, seed)}
    return save_plane({name: np.asarray(vectors.double()) for name, vectors in groups.items()}, path)
