"""From a config's `source` to the source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    weights and data, and `here` is where a collection's file and a run's folder are looked up from.

    Raises InputError, with its place in the config, for data, files and models that are not there, and for pictures
    other than those the source was trained with.
    """
    weights, order = seeds
    pictures = SourcePictures.load(data, folder, order)
    try:
        if spec.classifier is not None:
            return Classification(spec.classifier, pictures, weights)
    except InputError as error:
        raise error.at("source.classifier") from None
    if spec.collected is not None:
        return _collected(_from(here, spec.collected, "source.collected"), spec.collected, pictures, weights)
    assert spec.model is not None
    return open_denoising(spec.model, _from(here, spec.model, "source.model"), pictures)


def _from(here: Path, name: str, place: str) -> Path:
    try:
        return here / Path(name).expanduser()
    except RuntimeError as error:  # the home of an unknown user
        raise InputError(place, name, "a name that can be found", str(error)) from None


def _collected(path: Path, name: str, pictures: SourcePictures, seed: int) -> Classification:
    """The classifier a collection was made of, with the weights it has there."""
    collection, _ = read_collection(path)
    known = collection.about.get("source", {}).get("classifier")
    if known is None or not collection.base:
        raise InputError("source.collected", name, "a collection of a classifier's parameters")
    _check_same_pictures(collection.about, name, pictures)
    try:
        source = Classification(check_as(known, ClassifierSpec), pictures, seed, trained=True)
        source.network.load_state_dict(dict(collection.base))
    except (InputError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError("source.collected", name, "the weights of its classifier", reason) from None
    return source


def _check_same_pictures(about: Mapping[str, Any], name: str, pictures: SourcePictures) -> None:
    """InputError unless what the collection calls training and test pictures is called so here.

    Otherwise the classifier would be measured with pictures it was trained with. A collection whose source was another
    collection was itself held to this.
    """
    was, now = about["source"]["data"], pictures.about()
    compared = (
        ("data.name", was["name"], now["name"]),
        ("data.held_out", was["held_out_of_train"], now["held_out_of_train"]),
        ("seed.data", about["seeds"]["data"], pictures.seed),
        ("data.folder", was["files"], now["files"]),
    )
    for place, then, given in compared:
        if then != given:
            hint = "otherwise it would be measured with pictures it was trained with"
            raise InputError(place, given, f"{then}, as in {name}", hint)
