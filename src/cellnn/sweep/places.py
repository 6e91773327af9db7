"""Values at places of a document: `cell.memristor.area`, `layers[0].template`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ..circuits.spec.yaml_file import steps_of
from ..devices.errors import InputError


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
        *parents, last = _steps(place)
        owner = found
        for step in parents:
            owner = owner.get(step) if isinstance(owner, dict) else _item(owner, step)
        if isinstance(owner, dict):
            owner.pop(last, None)
        elif isinstance(owner, list) and isinstance(last, int) and last < len(owner):
            owner[last] = None
    return found


def _put(document: Any, place: str, value: Any) -> None:
    *parents, last = _steps(place)
    owner = document
    for step, following in zip(parents, [*parents[1:], last], strict=True):
        if isinstance(owner, list):
            owner = _item(owner, step, place)
            continue
        inner = owner.get(step) if isinstance(owner, dict) else None
        if inner is None or inner is True or inner is False:  # `true` is an effect with its defaults
            inner = {}
        if isinstance(owner, dict):
            owner[step] = inner
        if not isinstance(inner, (dict, list)):
            hint = f"give {step} as a mapping in the base"
            raise InputError(place, inner, f"a mapping at {step}, as {following} stands in it", hint)
        owner = inner
    if isinstance(owner, list):
        _item(owner, last, place)
    owner[last] = value


def _item(owner: Any, step: str | int, place: str = "") -> Any:
    if isinstance(owner, list) and isinstance(step, int) and step < len(owner):
        return owner[step]
    if place:
        size = len(owner) if isinstance(owner, list) else 0
        raise InputError(place, step, f"an index from 0 to {size - 1}")
    return None


def _steps(place: str) -> tuple[str | int, ...]:
    steps = steps_of(place)
    if not steps:
        raise InputError(place, place, "a place in the spec, such as cell.R or layers[0].template")
    return steps
