"""From a config's `source` to the source."""

from __future__ import annotations

from pathlib import Path

from .classify import Classification
from .denoise import open_denoising
from .pictures import SourcePictures
from .source import Source
from .spec import PicturesSpec, SourceSpec


def open_source(spec: SourceSpec, data: PicturesSpec, folder: Path | None, seeds: tuple[int, int]) -> Source:
    """The source of this spec; `folder` is where its data lie (None: where they usually are), `seeds` are those of
    weights and data. Raises InputError for data and models that are not there."""
    weights, order = seeds
    pictures = SourcePictures.load(data, folder, order)
    if spec.classifier is not None:
        return Classification(spec.classifier, pictures, weights)
    assert spec.model is not None
    return open_denoising(spec.model, pictures)
