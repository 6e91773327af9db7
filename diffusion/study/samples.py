"""Samples of runs: the same noise and the same classes for every run, kept beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...devices.files import replacing
from ..training import TrainedModel
from .cache import code_version
from .runs import Run
from .settings import Settings

Pictures = NDArray[np.float32]
"""(n, channels, rows, columns) in [-1, 1]."""


def pictures(run: Run, step: int, settings: Settings) -> Pictures:
    """`settings.samples` pictures of the weights of a step, kept as a SAMPLES.npz."""
    kept = kept_pictures(run, step, settings)
    if kept is not None:
        return kept
    path, key = _place(run, step, settings)
    images = draw(run.model(step, settings.device), settings.samples, settings)
    arrays: dict[str, Any] = {"images": images, "provenance": np.array(key)}
    if run.config.classes is not None:
        arrays["labels"] = np.arange(len(images)) % run.config.classes
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    return images


def kept_pictures(run: Run, step: int, settings: Settings) -> Pictures | None:
    """What `pictures` has kept, if it has."""
    path, key = _place(run, step, settings)
    try:
        with np.load(path, allow_pickle=False) as kept:
            return np.asarray(kept["images"]) if str(kept["provenance"]) == key else None
    except Exception:  # noqa: BLE001  (what is damaged is drawn again; zipfile and zlib raise all kinds)
        return None


def draw(model: TrainedModel, count: int, settings: Settings) -> Pictures:
    """Samples of all classes in turn; the first ones are the same pictures whatever the count."""
    classes = model.config.classes
    labels = None if classes is None else torch.arange(count) % classes
    return model.sample(count, settings.seed, labels, batch=settings.batch).numpy()


def samples_key(run: Run, step: int, count: int, settings: Settings) -> dict[str, Any]:
    """All that samples depend on."""
    sampling = run.config.sampling.model_dump(mode="json")
    chosen = {name: getattr(settings, name) for name in ("seed", "batch", "device")}
    return {"weights": run.digest(step), "step": step, "samples": count, "sampling": sampling, **chosen}


def study_file(run: Run, name: str) -> Path:
    """Where a result is kept."""
    return run.path / "study" / name


def _place(run: Run, step: int, settings: Settings) -> tuple[Path, str]:
    key = {**samples_key(run, step, settings.samples, settings), "code": code_version()}
    return study_file(run, f"samples-{step:08d}.npz"), json.dumps(key, sort_keys=True)
