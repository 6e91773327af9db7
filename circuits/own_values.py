"""Values of their own in every cell: weights, biases and device parameters that differ across an array (mismatch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError
from ..devices.parameter import Parameter, flat_parameters, parameters_of, require_known
from .cells import CellCircuit
from .template import Template

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OwnValues:
    """What the cells of an array have of their own; None, or a name left out: what the template or the cell says.

    `chips` is 1 (every sample runs on the same array) or the number of samples (an array for each).
    """

    A: Array | None = None
    """Feedback at each cell, (chips, channels, channels, kernel rows, kernel columns, rows, columns)."""
    B: Array | None = None
    """Feedforward at each cell, (chips, channels, input channels, kernel rows, kernel columns, rows, columns)."""
    z: Array | None = None
    """Bias of each cell, (chips, channels, rows, columns)."""
    parameters: Mapping[str, Array] = field(default_factory=dict)
    """By the names of `devices.parameter.flat_parameters` (`R`, `memristor_Gm`): (chips, channels, rows, columns)."""

    @property
    def chips(self) -> int:
        """The number of different arrays."""
        given = [a for a in (self.A, self.B, self.z, *self.parameters.values()) if a is not None]
        return max((len(a) for a in given), default=1)

    @cached_property
    def _sums_of_a(self) -> Array:
        assert self.A is not None
        return _absolute_sums(self.A)

    @cached_property
    def _sums_of_b(self) -> Array:
        assert self.B is not None
        return _absolute_sums(self.B)

    def largest_drive(self, template: Template, largest: float) -> float:
        """The most, in units of V1, that drives any cell while no |y| or |u| is more than `largest`."""
        A, B = (
            _absolute_sums(template.A[None, ..., None, None]) if self.A is None else self._sums_of_a,
            _absolute_sums(template.B[None, ..., None, None]) if self.B is None else self._sums_of_b,
        )
        z = self.z if self.z is not None else template.z[None, :, None, None]
        if len(A) == len(B) == 1:
            return float((largest * (A + B) + _largest(z)).max())
        return float((largest * (A + B) + np.abs(z)).max())

    def checked(self, cell: CellCircuit, template: Template, rows: int, columns: int) -> OwnValues:
        """The same values as read-only float64; InputError for shapes, numbers or parameters that do not fit."""
        if "V1" in self.parameters:
            raise InputError("V1", "a value for each cell", "one voltage unit for the whole array", "vary R, C or z")
        channels = template.A.shape[0]
        known = _parameters(cell)
        require_known(self.parameters, known, f"parameter of {cell.name}")
        place = channels, rows, columns
        given: dict[str, Any] = {
            "A": _checked("A", self.A, (*template.A.shape, rows, columns)),
            "B": _checked("B", self.B, (*template.B.shape, rows, columns)),
            "z": _checked("z", self.z, place),
        }
        given["parameters"] = {name: _checked(name, values, place) for name, values in self.parameters.items()}
        for name, values in given["parameters"].items():
            _check_range(name, values, known[name])
        own = OwnValues(**given)
        for name, values in (("A", own.A), ("B", own.B), ("z", own.z), *own.parameters.items()):
            if values is not None and len(values) not in (1, own.chips):
                raise InputError(name, f"{len(values)} chips", f"1 chip, or {own.chips} as other values have")
        return own

    def check_samples(self, samples: int) -> None:
        """InputError unless there is one array for all samples, or one for each."""
        if self.chips not in (1, samples):
            raise InputError("own", f"{self.chips} chips", f"1 chip, or {samples}: one for each sample")


def _absolute_sums(weights: Array) -> Array:
    """sum |w| of each cell, (chips, channels, rows, columns): row by row, as copies of all weights would cost more."""
    sums = np.empty((*weights.shape[:2], *weights.shape[-2:]))
    for row in range(weights.shape[-2]):
        sums[..., row, :] = np.abs(weights[..., row, :]).sum(axis=(2, 3, 4))
    return sums


def _largest(z: Array) -> Array:
    """The largest |z| of each cell among all samples, without a copy of them."""
    largest: Array = np.maximum(z.max(axis=0), -z.min(axis=0))
    return largest


def parameter_range(cell: CellCircuit, name: str) -> tuple[float, float]:
    """The valid range of a flat parameter."""
    info = _parameters(cell)[name]
    return info.low, info.high


def _parameters(owner: Any, prefix: str = "") -> dict[str, Parameter]:
    """What is known of each flat parameter."""
    known = {prefix + name: info for name, info in parameters_of(owner).items()}
    for name, part in vars(owner).items():
        if name not in known and hasattr(part, "__dataclass_fields__"):
            known |= _parameters(part, f"{prefix}{name}_")
    return {name: known[name] for name in (flat_parameters(owner) if not prefix else known)}


def _checked(name: str, values: Any, shape: tuple[int, ...]) -> Array | None:
    if values is None:
        return None
    kind = np.float32 if getattr(values, "dtype", None) == np.float32 else np.float64
    array = values
    if not (isinstance(values, np.ndarray) and values.dtype == kind and not values.flags.writeable):
        array = np.array(values, kind, order="C")  # a copy: the caller's array stays his
    if array.ndim != len(shape) + 1 or array.shape[1:] != shape or len(array) == 0:
        raise InputError(name, _by(array.shape), f"chips x {_by(shape)} numbers")
    if not np.isfinite(array.sum()) and len(wrong := np.argwhere(~np.isfinite(array))):
        raise InputError(_at(name, wrong[0]), float(array[tuple(wrong[0])]), "a finite number")
    array.flags.writeable = False
    return array


def _check_range(name: str, values: Array, info: Parameter) -> None:
    wrong = np.argwhere((values < info.low) | (values > info.high))
    if len(wrong):
        info.check(_at(name, wrong[0]), float(values[tuple(wrong[0])]))


def _at(name: str, index: NDArray[np.int64]) -> str:
    return name + "".join(f"[{k}]" for k in index.tolist())


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a number"
