"""A rectangle of an array, in all of its channels or in some."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..circuits.array import Array, CellArray
from ..devices.errors import InputError

FORM = "ROWSxCOLUMNS, or ROWSxCOLUMNS+ROW+COLUMN"


@dataclass(frozen=True)
class Window:
    """Rows and columns from the first to before the last."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    channels: tuple[int, ...] | None = None
    """In rising order; None: all."""

    @classmethod
    def all_of(cls, array: CellArray) -> Window:
        """The whole array."""
        return cls((0, array.rows), (0, array.columns))

    @classmethod
    def parse(cls, text: str, array: CellArray, place: str) -> Window:
        """`8x8+10+12`: 8 x 8 cells from row 10, column 12; in the middle where that is left out. Raises InputError."""
        form = re.fullmatch(r"([0-9]{1,9})x([0-9]{1,9})(?:\+([0-9]{1,9})\+([0-9]{1,9}))?", text.strip())
        if form is None:
            raise InputError(place, text, FORM)
        rows, columns = int(form[1]), int(form[2])
        row = (array.rows - rows) // 2 if form[3] is None else int(form[3])
        column = (array.columns - columns) // 2 if form[4] is None else int(form[4])
        inside = 0 <= row and row + rows <= array.rows and 0 <= column and column + columns <= array.columns
        if not (rows and columns and inside):
            raise InputError(place, text, f"a window within the {array.rows} x {array.columns} cells of the array")
        return cls((row, row + rows), (column, column + columns))

    def __contains__(self, place: tuple[int, int, int]) -> bool:
        """Whether the cell at (channel, row, column) is one of its own."""
        channel, row, column = place
        inside = self.rows[0] <= row < self.rows[1] and self.columns[0] <= column < self.columns[1]
        return inside and (self.channels is None or channel in self.channels)

    def channels_of(self, channels: int) -> Sequence[int]:
        """Its channels, in an array that has so many."""
        return range(channels) if self.channels is None else self.channels

    def places(self, channels: int) -> Iterator[tuple[int, int, int]]:
        """(channel, row, column) of its cells, in the order of an array."""
        for channel in self.channels_of(channels):
            for row in range(*self.rows):
                for column in range(*self.columns):
                    yield channel, row, column

    def cut(self, planes: Array) -> Array:
        """The window's part of planes (..., channels, rows, columns)."""
        inside = planes[..., slice(*self.rows), slice(*self.columns)]
        return inside if self.channels is None else inside[..., list(self.channels), :, :]

    def __str__(self) -> str:
        (row, last), (column, end) = self.rows, self.columns
        return f"{last - row}x{end - column}+{row}+{column}"
