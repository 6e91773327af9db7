"""ngspice's raw file: a text header, then the values of every variable at every point (ngspice manual, 11.7)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


class RawFileError(ValueError):
    """The file is not what its header says."""


@dataclass(frozen=True)
class RawPlot:
    """One plot: `values` (variables, points), float64 or complex128."""

    title: str
    name: str
    flags: tuple[str, ...]
    names: tuple[str, ...]
    values: np.ndarray


def read_raw(path: Path) -> list[RawPlot]:
    """The plots of a raw file, binary or ascii. Raises RawFileError when it is empty, cut off or not a raw file."""
    data, start, plots = path.read_bytes(), 0, []
    while data[start:].strip():
        plot, start = _plot(data, start)
        plots.append(plot)
    if not plots:
        raise RawFileError("the raw file is empty")
    return plots


def _plot(data: bytes, start: int) -> tuple[RawPlot, int]:
    fields: dict[str, str] = {}
    names: list[str] = []
    while True:
        end = data.find(b"\n", start)
        if end < 0:
            raise RawFileError("the raw file ends within its header")
        line, start = data[start:end].decode("utf-8", "replace").rstrip("\r"), end + 1
        if line in ("Binary:", "Values:"):
            break
        if line.startswith("\t") and fields:
            words = line.split()  # index, name, type
            if len(words) < 3:
                raise RawFileError(f"the raw file has no variable in its line {line!r}")
            names.append(words[1])
        elif ":" in line:
            key, _, value = line.partition(":")
            fields[key.strip().lower()] = value.strip()
        elif line.strip():
            raise RawFileError(f"the raw file has a header line that is none: {line[:60]!r}")
    flags = tuple(fields.get("flags", "real").lower().split())
    try:
        variables, points = int(fields["no. variables"]), int(fields["no. points"])
    except (KeyError, ValueError):
        raise RawFileError("the raw file's header does not say how many variables and points there are") from None
    if variables != len(names) or variables < 1 or points < 0:
        raise RawFileError(f"the raw file announces {variables} variables, names {len(names)}, has {points} points")
    kind = np.dtype(np.complex128 if "complex" in flags else np.float64)
    read = _binary if line == "Binary:" else _ascii
    values, start = read(data, start, variables, points, kind)
    return RawPlot(fields.get("title", ""), fields.get("plotname", ""), flags, tuple(names), values), start


def _binary(data: bytes, start: int, variables: int, points: int, kind: np.dtype) -> tuple[np.ndarray, int]:
    # `unpadded` files leave out the points of short vectors: those of a transient are all of one length, and a file
    # where they are not is too short for this reading
    end = start + variables * points * kind.itemsize
    if end > len(data):
        found = (len(data) - start) // (variables * kind.itemsize)
        raise RawFileError(f"the raw file is cut off: {found} of {points} points")
    table = np.frombuffer(data, kind, variables * points, start).reshape(points, variables)
    return np.ascontiguousarray(table.T), end


def _ascii(data: bytes, start: int, variables: int, points: int, kind: np.dtype) -> tuple[np.ndarray, int]:
    end = data.find(b"\nTitle:", start)
    end = len(data) if end < 0 else end + 1
    words = data[start:end].split()  # per point: its index, then the variables
    if len(words) != points * (variables + 1):
        raise RawFileError(f"the raw file is cut off: {len(words) // (variables + 1)} of {points} points")
    try:
        table = np.array([_number(word, kind) for word in words], kind).reshape(points, variables + 1)
    except ValueError as error:
        raise RawFileError(f"the raw file holds what is no number: {error}") from None
    if not np.array_equal(table[:, 0].real, np.arange(points)):
        raise RawFileError("the raw file's points are not numbered one after the other")
    return np.ascontiguousarray(table[:, 1:].T), end


def _number(word: bytes, kind: np.dtype) -> complex | float:
    if kind == np.float64:
        return float(word)
    real, _, imaginary = word.partition(b",")
    return complex(float(real), float(imaginary or 0))
