"""From a config's `source` to the source."""

from __future__ import annotations

from pathlib import Path

from ....devices.errors import InputError
from ...training.read_config import check_as
from ..vectors import read_collection
from .classify import Classification
from .denoise import open_denoising
from .pictures import SourcePictures
from .source import Source
from .spec import ClassifierSpec, PicturesSpec, SourceSpec


def open_source(
    spec: SourceSpec, data: PicturesSpec, folder: Path | None, seeds: tuple[int, int], here: Path = Path()
) -> Source:
    """The source of this spec; `folder` is where its data lie (None: where they usually are), `seeds` are those of
    weights and data, and `here` is where a collection's file is looked up from.

    Raises InputError for data, files and models that are not there.
    """
    weights, order = seeds
    pictures = SourcePictures.load(data, folder, order)
    if spec.classifier is not None:
        return Classification(spec.classifier, pictures, weights)
    if spec.collected is not None:
        return _collected(here / Path(spec.collected).expanduser(), pictures, weights)
    assert spec.model is not None
    return open_denoising(spec.model, pictures)


def _collected(path: Path, pictures: SourcePictures, seed: int) -> Classification:
    """The classifier a collection was made of, with the weights it has there."""
    collection, _ = read_collection(path)
    known = collection.about.get("source", {}).get("classifier")
    if known is None or not collection.base:
        raise InputError("source.collected", path.name, "a collection of a classifier's parameters", "", str(path))
    source = Classification(check_as(known, ClassifierSpec), pictures, seed, trained=True)
    try:
        source.network.load_state_dict(dict(collection.base))
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError("source.collected", path.name, "the weights of its classifier", reason, str(path)) from None
    return source
