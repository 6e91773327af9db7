"""What lies beyond the edge of an array."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError, did_you_mean

Kind = Literal["zero-flux", "periodic", "fixed"]
FORM = "zero-flux, periodic or {fixed: NUMBER}"


@dataclass(frozen=True)
class Boundary:
    """The cells outside: copies of the edge cell (zero-flux), the opposite edge (periodic), or cells
    whose output y/V1 and input u/V1 both have one fixed value.
    """

    kind: Kind
    value: float = 0.0
    """Normalised (1 = V1, black); only the fixed boundary has one."""

    @classmethod
    def parse(cls, value: Any, place: str = "boundary") -> Boundary:
        """The boundary a spec writes: `zero-flux`, `periodic` or `{fixed: -1}`. Raises InputError."""
        if isinstance(value, Boundary):
            return value
        if isinstance(value, str):
            if value == "fixed":
                raise InputError(place, value, FORM, "write {fixed: -1} for white cells outside")
            if value not in get_args(Kind):
                raise InputError(place, value, FORM, did_you_mean(value, get_args(Kind)))
            return cls(value)  # type: ignore[arg-type]
        if not isinstance(value, Mapping) or not value:
            raise InputError(place, value, FORM)
        for key in value:
            if key != "fixed":
                raise InputError(str(key), value[key], FORM, did_you_mean(key, ["fixed"])).at(place)
        number = value["fixed"]
        real = isinstance(number, numbers.Real) and not isinstance(number, bool | np.bool_)
        # compared, not converted: float() of a huge whole number overflows
        if not real or not abs(number) <= sys.float_info.max:
            raise InputError("fixed", number, "a finite number").at(place)
        return cls("fixed", float(number))

    def as_spec(self) -> str | dict[str, float]:
        """The boundary as a spec writes it."""
        return {"fixed": self.value} if self.kind == "fixed" else self.kind

    def pad(self, array: NDArray[Any], radius_rows: int, radius_columns: int) -> NDArray[Any]:
        """The array with the cells outside added on its last two axes: the meaning every kernel has to match."""
        *leading, rows, columns = array.shape
        padded = np.empty((*leading, rows + 2 * radius_rows, columns + 2 * radius_columns), array.dtype)
        inside = padded[..., radius_rows : radius_rows + rows, :]
        inside[..., radius_columns : radius_columns + columns] = array
        # columns first, so that the rows beyond them have their corners; np.pad takes several times as long
        for column in _beyond(columns, radius_columns):
            beside = self.value if self.kind == "fixed" else array[..., self._stand_in(column, columns)]
            inside[..., radius_columns + column] = beside
        for row in _beyond(rows, radius_rows):
            beside = self.value if self.kind == "fixed" else inside[..., self._stand_in(row, rows), :]
            padded[..., radius_rows + row, :] = beside
        return padded

    def _stand_in(self, index: int, size: int) -> int:
        """The cell inside whose value one outside takes, by its row or column."""
        return index % size if self.kind == "periodic" else min(max(index, 0), size - 1)

    def __str__(self) -> str:
        return f"fixed {self.value:g}" if self.kind == "fixed" else self.kind


def _beyond(size: int, radius: int) -> list[int]:
    """The places outside of 0 .. size - 1, up to `radius` away."""
    return [*range(-radius, 0), *range(size, size + radius)]
