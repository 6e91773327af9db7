"""Measured currents and voltages from a CSV file."""

from __future__ import annotations

import csv
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MISSING, InputError
from ..files import require_plain_file
from .columns import Header, read_header

MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Trace:
    """One sweep or train of pulses: arrays (n,) of time [s], voltage [V], current [A] and state [1].

    Without `time` the state does not move: it is `x`, or one unknown number. With `time` it starts at an unknown x0.
    """

    name: str
    voltage: NDArray[Any]
    current: NDArray[Any]
    time: NDArray[Any] | None = None
    x: NDArray[Any] | None = None


@dataclass(frozen=True)
class Measurements:
    """All traces of a file, and its columns that are not used."""

    traces: tuple[Trace, ...]
    ignored: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """How many currents were measured."""
        return sum(trace.current.size for trace in self.traces)


def read_measurements(path: str | os.PathLike[str]) -> Measurements:
    """The measurements of a CSV file: a header that names columns with units, then numbers.

    Needs `voltage [V]` and `current [A]`, each with any SI prefix; may have `time [s]`, `x` and `trace`, the name of
    the sweep a line belongs to. Lines that start with # and empty lines do not count.

    Raises InputError that names the file and line: for a file that cannot be read or is no text, a bad header, a value
    that is no finite number or out of range, a time before the one above it, a trace of one point.
    """
    shown = os.fspath(path)
    header: Header | None = None
    rows: dict[str, list[tuple[int, dict[str, float]]]] = {}
    try:
        for number, cells in _lines(_text(Path(path))):
            try:
                if header is None:
                    header = read_header(cells)
                    continue
                name, values = _row(cells, header)
                above = rows.setdefault(name, [])
                if "time" in values and above and values["time"] < above[-1][1]["time"]:
                    before = f"{above[-1][1]['time'] / header.factors['time']:g} in line {above[-1][0]}"
                    one = "" if "trace" in header.places else "; sweeps of their own want a column `trace`"
                    raise InputError("time", cells[header.places["time"]], f"a time not before {before}", "sort" + one)
                above.append((number, values))
            except InputError as error:
                raise error.in_file(f"{shown}, line {number}") from None
    except InputError as error:
        raise error if error.file else error.in_file(shown) from None
    if header is None:
        raise InputError("", MISSING, "a header and numbers", "the file is empty", shown)
    if not rows:
        raise InputError("", MISSING, "lines of numbers below the header", "there is none", shown)
    if "time" in header.places and "x" in header.places:
        raise InputError(
            "header", "time and x", "one of the two", "with time the state is computed, with x it is known", shown
        )
    for name, points in rows.items():
        if len(points) < 2 or ("time" in header.places and points[0][1]["time"] == points[-1][1]["time"]):
            where = f"{shown}, line {points[0][0]}"
            raise InputError("trace" if name else "", name or MISSING, "at least two points", "one says nothing", where)
    return Measurements(tuple(_trace(name, points) for name, points in rows.items()), header.ignored)


def _text(path: Path) -> str:
    try:
        require_plain_file(path)
        if path.stat().st_size > MAX_BYTES:
            raise InputError("", MISSING, f"at most {MAX_BYTES // 1024**2} MiB of measurements")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("", MISSING, "a readable file", getattr(error, "strerror", None) or str(error)) from None
    if b"\0" in data:
        raise InputError("", MISSING, "a text file of comma-separated values", "this one is binary")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line}", MISSING, "text in UTF-8", "the file is binary, or in another coding") from None


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The numbers and cells of the lines that count."""
    result = []
    reader = csv.reader(text.splitlines(), strict=True, skipinitialspace=True)
    try:
        for cells in reader:
            if cells and any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                result.append((reader.line_num, cells))
    except csv.Error as error:
        raise InputError(f"line {reader.line_num}", MISSING, "comma-separated values", str(error)) from None
    return result


def _row(cells: list[str], header: Header) -> tuple[str, dict[str, float]]:
    values, name = {}, ""
    if len(cells) != header.width:
        raise InputError("", ",".join(cells), f"{header.width} values, as in the header", f"there are {len(cells)}")
    for quantity, place in header.places.items():
        cell = cells[place].strip()
        if quantity == "trace":
            name = cell
            continue
        try:
            value = float(cell) * header.factors[quantity]
        except ValueError:
            raise InputError(quantity, cell, "a number") from None
        if "_" in cell or not math.isfinite(value):
            raise InputError(quantity, cell, "a finite number")
        if quantity == "x" and not 0 <= value <= 1:
            raise InputError("x", cell, "a state from 0 to 1")
        values[quantity] = value
    return name, values


def _trace(name: str, points: list[tuple[int, dict[str, float]]]) -> Trace:
    columns = {key: np.array([values[key] for _, values in points]) for key in points[0][1]}
    return Trace(name, columns["voltage"], columns["current"], columns.get("time"), columns.get("x"))
