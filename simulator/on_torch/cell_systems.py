"""The small linear systems of all cells, one for each."""

from __future__ import annotations

import torch
from torch import Tensor


class CellSystems:
    """(shift - J) x = right for every cell: J (states, states, samples, channels, rows, columns), shift (1, samples, 1,
    1, 1), right (states, samples, channels, rows, columns).

    Written out for one and two states, which leaves them to the compiler to fuse; beyond, LAPACK's.
    """

    def __init__(self, jacobian: Tensor, shift: Tensor) -> None:
        self._size = len(jacobian)
        self._rows = [[-entry for entry in row] for row in jacobian]
        for n, row in enumerate(self._rows):
            row[n] = row[n] + shift[0]
        if self._size == 2:
            (a, b), (c, d) = self._rows
            # elimination, whose terms stay as small as the entries: their products leave float32's range
            self._share = c / a
            self._rest = d - self._share * b
        elif self._size > 2:
            matrix = torch.stack([torch.stack(row, dim=-1) for row in self._rows], dim=-2)
            self._factors, self._pivots = torch.linalg.lu_factor(matrix)

    def solve(self, right: Tensor) -> Tensor:
        """x, as `right`."""
        if self._size == 1:
            return right / self._rows[0][0]
        if self._size == 2:
            second = (right[1] - self._share * right[0]) / self._rest
            return torch.stack(((right[0] - self._rows[0][1] * second) / self._rows[0][0], second))
        columns = right.movedim(0, -1).unsqueeze(-1)
        return torch.linalg.lu_solve(self._factors, self._pivots, columns).squeeze(-1).movedim(-1, 0)


def fastest(jacobian: Tensor) -> Tensor:
    """The largest |eigenvalue| with a negative real part [1/s] of any cell of each sample, (samples,)."""
    if len(jacobian) == 1:
        damped = -jacobian[0, 0]
    elif len(jacobian) == 2:
        (a, b), (c, d) = jacobian
        half, discriminant = 0.5 * (a + d), (0.5 * (a - d)) ** 2 + b * c
        real = discriminant.clamp(min=0.0).sqrt() - half  # minus the lower of two real ones
        damped = torch.where(discriminant >= 0.0, real, torch.where(half < 0.0, (half**2 - discriminant).sqrt(), 0.0))
    else:
        values = torch.linalg.eigvals(jacobian.permute(2, 3, 4, 5, 0, 1))
        damped = torch.where(values.real < 0.0, values.abs(), 0.0).movedim(-1, 1)
    return damped.nan_to_num(0.0, 0.0, 0.0).clamp(min=0.0).flatten(1).amax(dim=1)
