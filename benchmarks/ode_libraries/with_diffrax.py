"""The array by diffrax's Dopri5, jitted, with the right-hand side that is faster here: XLA's convolution, or shifted
sums.

Channels come last: for many of them, XLA's convolution in a solver's loop is ten times slower with channels first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from .arrays import TOLERANCE, BenchArray

jax.config.update("jax_platforms", "cpu")  # type: ignore[no-untyped-call]
jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
DTYPES = {"double": jnp.float64, "single": jnp.float32}


class DiffraxSide:
    """One array in one precision. `ForwardMode` leaves out what gradients would need: the cheapest run it offers."""

    def __init__(self, array: BenchArray, precision: str) -> None:
        kind = DTYPES[precision]
        start, drive = (np.moveaxis(values, 1, -1) for values in (array.start, array.drive))
        self._start, self._drive = jnp.asarray(start, kind), jnp.asarray(drive, kind)
        self._weights = jnp.asarray(array.A.transpose(2, 3, 1, 0), kind)
        self._taps = array.A[0, 0].tolist()
        self._padding = array.padding
        self.sides: dict[str, Callable[[Array], Array]] = {
            "lax.conv": self._convolution,
            "shifted sums": self._shifts if len(array.A) == 1 else self._products,
        }
        self._solve = {side: jax.jit(partial(self._solution, rates)) for side, rates in self.sides.items()}

    def _padded(self, v: Array) -> Array:
        return jnp.pad(jnp.clip(v, -1, 1), ((0, 0), (1, 1), (1, 1), (0, 0)), mode=self._padding)

    def _convolution(self, v: Array) -> Array:
        y, edge = (jnp.clip(v, -1, 1), "SAME") if self._padding == "constant" else (self._padded(v), "VALID")
        layout = ("NHWC", "HWIO", "NHWC")
        return self._drive - v + lax.conv_general_dilated(y, self._weights, (1, 1), edge, dimension_numbers=layout)

    def _shifts(self, v: Array) -> Array:
        shifted = self._shifted(v)
        return self._drive - v + sum(self._taps[k][m] * y for (k, m), y in shifted.items())

    def _products(self, v: Array) -> Array:
        """A matrix product over the channels for each of the nine shifts."""
        return self._drive - v + sum(y @ self._weights[k, m] for (k, m), y in self._shifted(v).items())

    def _shifted(self, v: Array) -> dict[tuple[int, int], Array]:
        y, (_, rows, columns, _) = self._padded(v), v.shape
        return {(k, m): y[:, k : k + rows, m : m + columns] for k in range(3) for m in range(3)}

    def _solution(self, rates: Callable[[Array], Array], start: Array, stop: Array, tolerance: Array) -> Array:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, v, _: rates(v)),
            diffrax.Dopri5(),
            t0=jnp.zeros_like(stop),
            t1=stop,
            dt0=None,
            y0=start,
            stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
            saveat=diffrax.SaveAt(t1=True),
            adjoint=diffrax.ForwardMode(),
        )
        return solution.ys[-1]

    def run(self, side: str, stop: float, tolerance: float = TOLERANCE) -> NDArray[np.floating]:
        """The final state (samples, channels, rows, columns)."""
        scalars = (jnp.asarray(value, self._start.dtype) for value in (stop, tolerance))
        return np.moveaxis(np.asarray(self._solve[side](self._start, *scalars).block_until_ready()), -1, 1)
