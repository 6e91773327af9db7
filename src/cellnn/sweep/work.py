"""What a worker needs of a study, and the key each point's result is stored under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ..devices.errors import InputError
from .files import plain_names, read_files, renamed
from .places import take

if TYPE_CHECKING:
    from .study import Study

NUMERICS = 2
"""Goes up when results of the same work change for another reason than a library's version."""


def versions(kind: str) -> dict[str, str]:
    """Whose results these are."""
    names = ("cellnn", "numpy", "numba", "scipy", *(("torch",) if kind == "deployment" else ()))
    return {name: version(name) for name in names} | {"numerics": str(NUMERICS)}


@dataclass(frozen=True, eq=False)
class Work:
    """Plain data, so that it travels: the base without what varies, the files it and the values name, the measures."""

    kind: str
    """circuit, or deployment."""
    document: Any
    files: Mapping[str, bytes]
    """By the hashes of their contents."""
    measures: tuple[str, ...]
    precision: str
    options: Mapping[str, Any]
    """Of a deployment: model, pictures, seed, steps, sampler, folder, and the hashes of weights and data."""
    versions: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """Of all that is the same at every point. Where files lie is no matter, as they are called by their content."""
        same = {
            "kind": self.kind, "document": self.document, "measures": self.measures, "precision": self.precision,
            "options": dict(self.options), "versions": dict(self.versions),
        }  # fmt: skip
        return hashlib.sha256(_canonical(same)).hexdigest()

    def key(self, values: Mapping[str, Any]) -> bytes:
        """The 32 bytes that stand for one point's work."""
        return hashlib.sha256(self.digest.encode() + _canonical(dict(values))).digest()


def work_of(study: Study) -> tuple[Work, Mapping[str, str]]:
    """The work of a study, and what the files that values name are called in it. Raises InputError for a missing file.

    The base's files are looked up from its folder, those of values from the study's.
    """
    base = take(study.base, dict.fromkeys(study.points.places))
    varied = [axis.places for axis in study.points.axes]
    lists = [values for places in varied for values in places.values() if isinstance(values, list)]
    files = read_files(base, study.base_path.parent)
    base = renamed(base, plain_names(files))
    kept = _by_content(files)
    files = read_files([value for values in lists for value in _only_texts(values)], study.path.parent)
    names = plain_names(files)
    kept |= _by_content(files)
    kind, options = "circuit", {}
    if study.deployment is not None:
        kind = "deployment"
        from .models import with_model

        options = study.deployment.model_dump(exclude={"hardware"})
        try:
            options, more = with_model(options)
        except InputError as error:
            raise study.at_fault(error) from None
        kept |= more
    spec = study.spec
    work = Work(kind, base, kept, tuple(spec.measures), spec.precision, options, versions(kind))
    return work, names


def _by_content(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: files[given] for given, name in plain_names(files).items()}


def _only_texts(values: list[Any]) -> list[Any]:
    """Values that may name files; numbers are passed over at once."""
    return [value for value in values if not isinstance(value, (int, float))]


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
