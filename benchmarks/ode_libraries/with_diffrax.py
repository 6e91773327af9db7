"""The array by diffrax's Dopri5, jitted, with the right-hand side that is faster here: XLA's convolution, or shifted
sums."""

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
        self._start, self._drive = (jnp.asarray(values, kind) for values in (array.start, array.drive))
        self._weights = jnp.asarray(array.A, kind)
        self._taps = array.A[0, 0].tolist()
        self._padding = array.padding
        self.sides: dict[str, Callable[[Array], Array]] = {"lax.conv": self._convolution}
        if len(array.A) == 1:
            self.sides["shifted sums"] = self._shifts
        self._jitted = {side: jax.jit(rates) for side, rates in self.sides.items()}
        self._solve = {side: jax.jit(partial(self._solution, rates)) for side, rates in self.sides.items()}

    def _padded(self, v: Array) -> Array:
        return jnp.pad(jnp.clip(v, -1, 1), ((0, 0), (0, 0), (1, 1), (1, 1)), mode=self._padding)

    def _convolution(self, v: Array) -> Array:
        if self._padding == "constant":
            return self._drive - v + lax.conv(jnp.clip(v, -1, 1), self._weights, (1, 1), "SAME")
        return self._drive - v + lax.conv(self._padded(v), self._weights, (1, 1), "VALID")

    def _shifts(self, v: Array) -> Array:
        y, (rows, columns) = self._padded(v), v.shape[2:]
        return (
            self._drive
            - v
            + sum(
                weight * y[:, :, k : k + rows, m : m + columns]
                for k, row in enumerate(self._taps)
                for m, weight in enumerate(row)
            )
        )

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

    def rates(self, side: str) -> Array:
        """One evaluation of a right-hand side at the start, to be timed."""
        return self._jitted[side](self._start).block_until_ready()

    def run(self, side: str, stop: float, tolerance: float = TOLERANCE) -> NDArray[np.floating]:
        """The final state (samples, channels, rows, columns)."""
        scalars = (jnp.asarray(value, self._start.dtype) for value in (stop, tolerance))
        return np.asarray(self._solve[side](self._start, *scalars).block_until_ready())
