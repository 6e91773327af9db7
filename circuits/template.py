"""Templates: the weights A, B and z through which the cells of an array are coupled.

A[out, in, k, l] multiplies the output y of channel `in` at the cell (i + k - h // 2, j + l - w // 2), h x w
being the kernel's size: a correlation, as in the SZTAKI template library, MATCNN and torch's conv2d. B likewise
the input u.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError

Array = NDArray[np.float64]
FORM = "a number, a matrix [rows][columns] or [out][in][rows][columns]"
NUMBER = "a finite number"


@dataclass(frozen=True, eq=False)
class Template:
    """Weights, dimensionless and read-only; A and B may differ in size."""

    A: Array
    """Feedback, (channels, channels, rows, columns)."""
    B: Array
    """Feedforward, (channels, input channels, rows, columns)."""
    z: Array
    """Bias, (channels,)."""
    _single: Array | None = field(default=None, repr=False)
    """The one kernel every channel's own input goes through, if B was given so."""

    @classmethod
    def of(cls, A: Any, B: Any, z: Any, channels: int, input_channels: int | None = None, place: str = "") -> Template:
        """The template a spec gives, for a layer of `channels` channels. Raises InputError.

        A and B are a number (a 1x1 kernel), None (zero), a matrix that every channel applies to its own plane, or
        [out][in][rows][columns]; sizes are odd. z is a number, or one per channel. With `input_channels` known, B is
        made for it, as by `with_input_channels`; otherwise a matrix B expects as many as the layer has.
        """
        try:
            feedback, full_A = _kernel(A, "A", channels)
            feedforward, full_B = _kernel(B, "B", channels)
            if full_A and feedback.shape[1] != channels:
                raise InputError("A", _shape(feedback), f"{channels} input channel(s), as the layer has")
            template = cls(
                A=_frozen(feedback if full_A else _diagonal(feedback, channels)),
                B=_frozen(feedforward if full_B else _diagonal(feedforward, channels)),
                z=_frozen(_bias(z, channels)),
                _single=None if full_B else _frozen(feedforward),
            )
            return template if input_channels is None else template.with_input_channels(input_channels)
        except InputError as error:
            raise error.at(place) from None

    def with_input_channels(self, n: int) -> Template:
        """The same template for an input of n planes; InputError when B does not say what to do with them.

        A matrix B takes a single plane to every channel; a B of zeros takes any input.
        """
        channels, inputs = self.B.shape[:2]
        if n == inputs:
            return self
        single = self._single
        if single is not None and n == channels:
            return Template(self.A, _frozen(_diagonal(single, channels)), self.z, single)
        if single is not None and (n == 1 or not single.any()):
            return Template(self.A, _frozen(np.tile(single, (channels, n, 1, 1))), self.z, single)
        if single is None:
            raise InputError("B", _shape(self.B), f"{n} input channel(s): [{channels}][{n}][rows][columns]")
        expected = f"[{channels}][{n}][rows][columns]: the input has {n} channels, the layer {channels}"
        raise InputError("B", "a matrix" if single.size > 1 else float(single[0, 0]), expected)

    @property
    def radius(self) -> tuple[int, int]:
        """How many rows and columns beyond a cell its couplings reach, A and B together."""
        rows, columns = (max(self.A.shape[k], self.B.shape[k]) // 2 for k in (2, 3))
        return rows, columns


def _kernel(given: Any, place: str, channels: int) -> tuple[Array, bool]:
    """The numbers of a kernel, and whether they are [out][in][rows][columns]."""
    if given is None:
        return np.zeros((1, 1)), False
    kernel = _numbers(given, place)
    if kernel.ndim == 0:
        return kernel.reshape(1, 1), False
    if kernel.ndim not in (2, 4):
        raise InputError(place, _shape(kernel), FORM)
    if 0 in kernel.shape:
        raise InputError(place, _shape(kernel), f"{FORM} that is not empty")
    rows, columns = kernel.shape[-2:]
    if rows % 2 == 0 or columns % 2 == 0:
        raise InputError(place, f"{rows} x {columns}", "odd numbers of rows and columns", "a centre is needed")
    if kernel.ndim == 4 and kernel.shape[0] != channels:
        raise InputError(place, _shape(kernel), f"{channels} output channel(s), as the layer has")
    return kernel, kernel.ndim == 4


def _bias(given: Any, channels: int) -> Array:
    bias = np.zeros(()) if given is None else _numbers(given, "z")
    if bias.ndim == 0:
        return np.full(channels, float(bias))
    if bias.shape != (channels,):
        raise InputError("z", _shape(bias), f"a number, or a list of {channels}: one per channel")
    return bias


def _numbers(given: Any, place: str) -> Array:
    """Nested lists, or an array, as float64; the first entry that is no finite number is named."""
    if isinstance(given, np.ndarray):
        if given.dtype.kind not in "iuf":
            raise InputError(place, f"an array of {given.dtype}", "real numbers")
        array = given.astype(np.float64)
        wrong = np.argwhere(~np.isfinite(array))
        if len(wrong):
            index = tuple(int(k) for k in wrong[0])
            raise InputError(place + "".join(f"[{k}]" for k in index), float(array[index]), NUMBER)
        return array
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        parts = [_numbers(part, f"{place}[{k}]") for k, part in enumerate(given)]
        for k, part in enumerate(parts):
            if part.shape != parts[0].shape:
                expected = f"{_entries(parts[0])}, as {place}[0] has"
                raise InputError(f"{place}[{k}]", _entries(part), expected, "the rows of a kernel are equally long")
        return np.stack(parts) if parts else np.zeros(0)
    real = isinstance(given, numbers.Real) and not isinstance(given, bool | np.bool_)
    try:
        number = float(given) if real else np.nan
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise InputError(place, given, NUMBER)
    return np.array(number)


def _diagonal(kernel: Array, channels: int) -> Array:
    """Every channel applies the kernel to its own plane."""
    return np.eye(channels)[:, :, None, None] * kernel


def _frozen(array: Array) -> Array:
    array = np.array(array, dtype=np.float64, order="C")  # a copy: the caller's array stays his
    array.flags.writeable = False
    return array


def _shape(array: Array) -> str:
    return "an empty list" if array.size == 0 else " x ".join(map(str, array.shape)) + " numbers"


def _entries(array: Array) -> str:
    return "a number" if array.ndim == 0 else f"{array.shape[0]} entries"
