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
