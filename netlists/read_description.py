"""The line of a deck that says what its elements do not: names, sizes, the run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ..circuits.spec.fields import Section
from ..circuits.spec.messages import input_error
from ..circuits.spec.models import GridSpec
from ..devices.errors import MISSING, InputError
from .export import MARK

PLACE = MARK.strip("* :")
Size = Annotated[list[Annotated[int, Field(ge=1, le=999)]], Field(min_length=2, max_length=2)]
Start = Literal["input", "values"]


class LayerDescription(Section):
    """A layer's name and sizes; A and B are the rows and columns of the kernels."""

    name: str
    channels: Annotated[int, Field(ge=1, le=10_000)]
    inputs: Annotated[int, Field(ge=1, le=10_000)]
    A: Size
    B: Size
    initial: Start
    x0: Start


class Description(Section):
    """What `netlists.export.described` writes."""

    format: Literal[1]
    name: str
    grid: GridSpec
    circuit: str
    output: dict[str, Any]
    memristor: str | None
    layers: Annotated[list[LayerDescription], Field(min_length=1)]
    run: dict[str, Any]
    seed: dict[str, Any]


def description_line(text: str) -> tuple[int, str]:
    """The line, and its number from 1. Raises InputError for a text with none, or with several."""
    found = [(k, line) for k, line in enumerate(text.splitlines(), 1) if line.startswith(MARK)]
    if not found:
        expected = f"a deck written by `cellnn export`, with a line that starts with `{MARK.strip()}`"
        hint = "a deck from elsewhere is no array of cells: write a spec for it (docs/spec.md)"
        raise InputError("", MISSING, expected, hint)
    if len(found) > 1:
        expected = f"one deck; another starts at line {found[1][0]}"
        raise InputError(PLACE, MISSING, expected, file=f"line {found[0][0]}")
    return found[0]


def read_description(text: str) -> Description:
    """The description in a deck's text. Raises InputError for a deck without one, or with one that was damaged."""
    number, line = description_line(text)
    file = f"line {number}"
    try:
        return Description.model_validate(json.loads(line[len(MARK) :]))
    except ValidationError as error:
        raise input_error(error).at(PLACE).in_file(file) from None
    except (ValueError, RecursionError) as error:
        raise InputError(PLACE, MISSING, "the line as `cellnn export` writes it", str(error), file=file) from None
