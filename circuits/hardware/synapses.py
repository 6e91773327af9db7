"""The devices that make A, B or z of one chip: drawn row of cells after row of cells."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...devices.variability.pair import Sides
from ...devices.variability.spread import deviations
from ...devices.variability.streams import key_of, stream
from ..row_memory import empty_rows
from .hardware import Hardware

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Synapses:
    """Every row of cells has streams of its own, and its numbers fit the cache: so rows are made by any number of
    threads, in any order, with the same bits."""

    name: str
    """A, B or z."""
    design: Array
    """(out, in, kernel rows, kernel columns), or (out,)."""
    rows: int
    columns: int
    hardware: Hardware
    seeds: Mapping[str, int]
    purpose: tuple[str | int, ...]
    """What tells the chip's streams from those of others, between the kind of seed and the name."""
    scale: float
    """S of a unit of weight."""
    programmed: bool
    """Whether they are devices at all."""
    gain: Array | None
    """What summing nodes multiply with, (out, rows, columns)."""
    offset: Array | None
    """What adds to z, likewise."""
    kind: type[np.floating]
    threads: int

    @property
    def touched(self) -> bool:
        """Whether anything makes them differ from the design."""
        return self._devices or self._mismatched or self._warmer or self.gain is not None or self.offset is not None

    @property
    def noisy(self) -> bool:
        """Whether they move from run to run."""
        return self.programmed and bool(self.hardware.read_noise)

    @cached_property
    def weights(self) -> Array:
        """Without read noise, (rows, *design, columns)."""
        return self._made[0]

    @cached_property
    def spreads(self) -> Array:
        """Standard deviations by read noise, that of a pair the root of the sum of both squares."""
        return self._made[1]

    def read(self, run: int) -> Array:
        """With the read noise of one run, (rows, *design, columns)."""
        from ...devices.variability.normals import (
            fill_normals,
        )  # compiled code: only who needs it waits for the compiler

        out = self._room()
        key = key_of(self.seeds["noise"], "noise", *self.purpose, self.name, run)
        flat = -1 if self.design.ndim == 1 else int(np.prod(self.design.shape[1:])) * self.columns
        mean, spread, found = (a.reshape(self.rows, len(self.design), flat) for a in (self.weights, self.spreads, out))

        def make(row: int) -> None:
            fill_normals(found[row], key, row)
            found[row] *= spread[row]
            found[row] += mean[row]

        self._by_rows(make)
        return out

    def sides(self, row: int) -> Sides:
        """g+ and g- [S] of a row as they were programmed, with their lines, (*design, columns), without read noise and
        mismatch."""
        pair = self.hardware.pair
        design = np.broadcast_to(self.design.astype(self.kind)[..., np.newaxis], (*self.design.shape, self.columns))
        asked = pair.programmed(design, self.scale)
        purpose = "programming", *self.purpose, self.name, row
        plus, minus = pair.under(asked, self.hardware.programmed, self.seeds["programming"], *purpose)
        return (self._wired(plus), self._wired(minus)) if self._lines else (plus, minus)

    def _wired(self, g: Array) -> Array:
        return self.hardware.lines.applied(g[..., np.newaxis, :])[..., 0, :]

    def factor(self, row: int) -> Array | None:
        """What the mismatch of the devices multiplies a row with, (*design, columns)."""
        if not self._mismatched:
            return None
        spread, shape = self.hardware.weights, (*self.design.shape, self.columns)
        return deviations(spread.local, shape, self._stream(row), self.kind) + (1.0 + self._common)

    def _row(self, row: int) -> tuple[Array, Array | None]:
        w: Array = self.design.astype(self.kind)[..., np.newaxis]
        spread = None
        if self._devices:
            sides = self.sides(row)
            w = self.hardware.pair.weights(sides, self.scale)
            for noise in self.hardware.read_noise:
                a, b = noise.spread(sides[0]), noise.spread(sides[1])
                spread = np.sqrt(a * a + b * b) / self.scale
        factors: list[Array | float | None] = [self.factor(row)]
        if self._warmer:
            factors.append(self.hardware.temperature.weight)
        if self.gain is not None:
            factors.append(self.gain[:, row].reshape(-1, *(1,) * (self.design.ndim - 1), self.columns))
        for factor in factors:
            if factor is not None:
                w, spread = w * factor, None if spread is None else spread * factor
        return (w if self.offset is None else w + self.offset[:, row]), spread

    @cached_property
    def _made(self) -> tuple[Array, Array]:
        """Weights and spreads in one go: the conductances they come from are as many again."""
        weights, spreads = self._room(), self._room() if self.noisy else np.empty(0)

        def make(row: int) -> None:
            weights[row], spread = self._row(row)
            if spread is not None:
                spreads[row] = spread

        self._by_rows(make)
        return weights, spreads

    @property
    def _devices(self) -> bool:
        return self.programmed and bool(self.hardware.programmed or self.hardware.read_noise or self._lines)

    @property
    def _lines(self) -> bool:
        return self.name != "z" and self.hardware.lines.active

    @property
    def _warmer(self) -> bool:
        return self.programmed and self.hardware.temperature.active

    @property
    def _mismatched(self) -> bool:
        return self.programmed and self.hardware.weights.active

    @cached_property
    def _common(self) -> float:
        """What all of a chip's deviate by."""
        return float(deviations(self.hardware.weights.common, (1,), self._stream()).item())

    def _stream(self, *row: int) -> np.random.Generator:
        return stream(self.seeds["mismatch"], "mismatch", *self.purpose, "weights", self.name, *row)

    def _room(self) -> Array:
        return empty_rows(self.design.shape, self.rows, self.columns, self.kind)

    def _by_rows(self, work: Any) -> None:
        if self.threads == 1:
            for row in range(self.rows):
                work(row)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, range(self.rows)))
