"""Correlations over the planes of an array, with the cells beyond its edge."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ...circuits.boundary import Boundary
from ...simulator.on_torch.padding import TensorPadding


def correlate(values: Tensor, weights: Tensor, boundary: Boundary, groups: int = 1) -> Tensor:
    """sum weights[out, in, k, l] values[in, i + k, j + l] (n, out, rows, columns), of values (n, in, rows, columns).

    Values are normalised, as is the fixed boundary's value.
    """
    above, left = weights.shape[2] // 2, weights.shape[3] // 2
    if pads_itself(boundary, above, left):
        return functional.conv2d(values, weights, padding=(above, left), groups=groups)
    return functional.conv2d(padded(values, boundary, above, left), weights, groups=groups)


def pads_itself(boundary: Boundary, above: int, left: int) -> bool:
    """Whether the convolution's own zeros are the cells outside."""
    return above == left == 0 or (boundary.kind == "fixed" and boundary.value == 0.0)


def padded(values: Tensor, boundary: Boundary, above: int, left: int) -> Tensor:
    """The planes with the cells outside added on each side."""
    width = left, left, above, above
    if boundary.kind == "fixed":
        return functional.pad(values, width, value=boundary.value)
    if boundary.kind == "zero-flux":
        return functional.pad(values, width, mode="replicate")
    rows, columns = values.shape[-2:]
    if above <= rows and left <= columns:
        return functional.pad(values, width, mode="circular")
    # around the array more than once, which torch's own padding refuses
    return TensorPadding(boundary, rows, columns, above, left, 0.0, values.device)(values)


def initial_weights(out: int, into: int, kernel: int, generator: torch.Generator | None = None) -> Tensor:
    """Weights uniform within +-1/sqrt(into kernel^2), torch's own start of a convolution, drawn on the CPU."""
    bound = (into * kernel * kernel) ** -0.5
    return torch.empty(out, into, kernel, kernel).uniform_(-bound, bound, generator=generator)
