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
        width = [(0, 0)] * (array.ndim - 2) + [(radius_rows, radius_rows), (radius_columns, radius_columns)]
        if self.kind == "zero-flux":
            return np.pad(array, width, mode="edge")
        if self.kind == "periodic":
            return np.pad(array, width, mode="wrap")
        return np.pad(array, width, constant_values=self.value)

    def __str__(self) -> str:
        return f"fixed {self.value:g}" if self.kind == "fixed" else self.kind
