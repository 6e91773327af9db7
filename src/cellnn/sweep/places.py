"""Values at places of a document: `cell.memristor.area`, `layers[0].template`."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ..circuits.spec.yaml_file import steps_of
from ..devices.errors import InputError

Step = str | int
"""A key of a mapping, or an index of a list."""
_NAME, _INDEX = r"[^.\[\]\s]+", r"\[(?:0|[1-9]\d{0,17})\]"
_PLACE = re.compile(rf"{_NAME}(?:{_INDEX})*(?:\.{_NAME}(?:{_INDEX})*)*")
"""One way of writing each place: two of them are the same where their texts are."""


def put(document: Any, values: Mapping[str, Any]) -> Any:
    """A copy of the document with these values at these places; mappings on the way are made where they are missing.

    Raises InputError for a place that the document cannot have.
    """
    found = copy.deepcopy(document)
    for place, value in values.items():
        _put(found, place, copy.deepcopy(value))
    return found


def take(document: Any, places: Mapping[str, Any]) -> Any:
    """A copy of the document without what stands at these places."""
    found = copy.deepcopy(document)
    for place in places:
        *parents, last = steps(place)
        owner = found
        for step in parents:
            owner = owner.get(step) if isinstance(owner, dict) else _item(owner, step)
        if isinstance(owner, dict):
            owner.pop(last, None)
        elif isinstance(owner, list) and isinstance(last, int) and last < len(owner):
            owner[last] = None
    return found


def steps(place: str) -> tuple[Step, ...]:
    """The keys and indices of a place. Raises InputError for what is no place, such as `cell..R`."""
    if not _PLACE.fullmatch(place):
        raise InputError("", place, "a place in the base, such as cell.R or layers[0].template")
    return steps_of(place)


def overlap(one: str, other: str) -> bool:
    """Whether one of two places is, or holds, the other: `cell` holds `cell.R`."""
    a, b = steps_of(one), steps_of(other)
    shorter = min(len(a), len(b))
    return a[:shorter] == b[:shorter]


def _put(document: Any, place: str, value: Any) -> None:
    way = steps(place)
    owner = document
    for step, following in pairwise(way):
        inner = _item(owner, step, place) if isinstance(owner, list) else owner.get(step)
        if not isinstance(following, int) and (inner is None or isinstance(inner, bool)):
            inner = owner[step] = {}  # `true` is an effect with its defaults
        wanted = list if isinstance(following, int) else dict
        if not isinstance(inner, wanted):
            kind = "list" if wanted is list else "mapping"
            hint = f"give {step} as a {kind} in the base"
            raise InputError(place, inner, f"a {kind} at {step}, as {following} stands in it", hint)
        owner = inner
    if isinstance(owner, list):
        _item(owner, way[-1], place)
    owner[way[-1]] = value


def _item(owner: Any, step: Step, place: str = "") -> Any:
    if isinstance(owner, list) and isinstance(step, int) and step < len(owner):
        return owner[step]
    if place:
        size = len(owner) if isinstance(owner, list) else 0
        raise InputError(place, step, f"an index from 0 to {size - 1}")
    return None
