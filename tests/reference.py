"""An independent reference: the equations of an array of cells, integrated by SciPy.

Nothing of cellnn is imported, and nothing is clever: np.pad, loops over the kernel, solve_ivp. The equations are
those of Chua & Yang (1988) with a memristor in parallel with every cell,

    C dv/dt = -v/R - area i(v, x) + (1/R) [sum A y + sum B V1 u + z V1],   y = V1 f(v/V1),   dx/dt = g(v, x).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

Array = np.ndarray
Boundary = str | tuple[str, float]


@dataclass
class Reference:
    """Trajectories of shape (time, channel, row, column)."""

    state: Array
    """v [V]."""
    output: Array
    """y [V]."""
    memristor: Array | None
    """x [1]."""
    evaluations: int


def simulate(
    A: Array,
    B: Array,
    z: Array,
    u: Array,
    v0: Array | float,
    times: Array,
    *,
    boundary: Boundary = "zero-flux",
    R: float = 1e3,
    C: float = 1e-9,
    V1: float = 1.0,
    leak: float = 0.0,
    area: float = 1.0,
    memristor: tuple[Callable[[Array, Array], Array], Callable[[Array, Array], Array]] | None = None,
    x0: Array | float = 0.0,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    method: str = "RK45",
    max_step: float = np.inf,
) -> Reference:
    """The trajectory at `times` [s], the first of which is the start.

    A (out, out, h, w), B (out, in, h, w), z (out,); u (in, rows, columns) and v0 (out, rows, columns) are in units of
    V1; boundary is zero-flux, periodic or ("fixed", value in units of V1); memristor is (i, g): amperes and 1/s at
    (volts, x). atol is in units of V1 for the state, and of 1 for x.
    """
    channels = len(z)
    shape = (channels, *u.shape[1:])
    feedforward = correlate(B, pad(u, B, boundary)) + z[:, None, None]
    feedback = coupling(A, shape, boundary)
    cells = int(np.prod(shape))

    def rates(t: float, packed: Array) -> Array:
        s = packed[:cells].reshape(shape)
        drive = feedback(saturation(s, leak)) + feedforward
        if memristor is None:
            return ((drive - s) / (R * C)).ravel()
        current, rate = memristor
        x = np.clip(packed[cells:].reshape(shape), 0, 1)
        v = V1 * s
        dv = (-v / R - area * current(v, x) + V1 * drive / R) / C
        dx = rate(v, x)
        dx = np.where((x <= 0) & (dx < 0) | (x >= 1) & (dx > 0), 0.0, dx)
        return np.concatenate([dv.ravel() / V1, dx.ravel()])

    start = np.broadcast_to(np.asarray(v0, float), shape).ravel()
    if memristor is not None:
        start = np.concatenate([start, np.broadcast_to(np.asarray(x0, float), shape).ravel()])
    times = np.asarray(times, float)
    solution = solve_ivp(rates, (times[0], times[-1]), start, method, times, rtol=rtol, atol=atol, max_step=max_step)
    assert solution.success, solution.message
    trajectory = solution.y.T
    s = trajectory[:, :cells].reshape(-1, *shape)
    x = None if memristor is None else np.clip(trajectory[:, cells:].reshape(-1, *shape), 0, 1)
    return Reference(V1 * s, V1 * saturation(s, leak), x, solution.nfev)


def coupling(A: Array, shape: tuple[int, ...], boundary: Boundary) -> Callable[[Array], Array]:
    """sum A y of the outputs y (channels, rows, columns) and of what is around them.

    It is linear, apart from a fixed border's part. Of few cells the loops below are only asked what each cell does to
    all: the solver, which wants this thousands of times, gets a matrix.
    """

    def plainly(y: Array) -> Array:
        return correlate(A, pad(y, A, boundary))

    cells = int(np.prod(shape))
    if cells > 400:
        return plainly
    border = plainly(np.zeros(shape))
    matrix = np.array([(plainly(one) - border).ravel() for one in np.eye(cells).reshape(cells, *shape)]).T
    return lambda y: (matrix @ y.ravel()).reshape(shape) + border


def saturation(s: Array, leak: float = 0.0) -> Array:
    """f(s) = (|s + 1| - |s - 1|) / 2, with slope `leak` beyond the break-points."""
    f = np.clip(s, -1, 1)  # exactly +-1 beyond: some templates hold cells in a balance of rate 0
    return f + leak * (s - f)


def pad(array: Array, kernel: Array, boundary: Boundary) -> Array:
    """The planes with as many cells around them as the kernel reaches."""
    rows, columns = kernel.shape[2] // 2, kernel.shape[3] // 2
    width = ((0, 0), (rows, rows), (columns, columns))
    if boundary == "zero-flux":
        return np.pad(array, width, mode="edge")
    if boundary == "periodic":
        return np.pad(array, width, mode="wrap")
    kind, value = boundary
    assert kind == "fixed"
    return np.pad(array, width, constant_values=value)


def correlate(kernel: Array, padded: Array) -> Array:
    """sum over in, k, l of kernel[out, in, k, l] padded[in, i + k, j + l]."""
    outputs, inputs, height, width = kernel.shape
    rows, columns = padded.shape[1] - height + 1, padded.shape[2] - width + 1
    total = np.zeros((outputs, rows, columns))
    for out in range(outputs):
        for channel in range(inputs):
            for k in range(height):
                for m in range(width):
                    weight = kernel[out, channel, k, m]
                    if weight != 0:
                        total[out] += weight * padded[channel, k : k + rows, m : m + columns]
    return total


def taox_current(v: Array, x: Array) -> Array:
    """Strachan et al. (2013): the current [A] of a TaOx memristor."""
    return v * (0.025 * x + 7.2e-6 * np.exp(np.clip(4.7 * np.sqrt(np.abs(v)), -300, 300)) * (1 - x))


def taox_rate(v: Array, x: Array) -> Array:
    """Strachan et al. (2013): dx/dt [1/s]; exponents summed, then bounded to +-300."""
    power = taox_current(v, x) * v
    reset = -((0.4 / np.maximum(x, 1e-3)) ** 2) + 1 / (1 + 500 * power)
    growth = -((x / 0.06) ** 2) + power / 4e-5
    off = 1e-10 * np.sinh(np.clip(v / 0.013, -300, 300)) * np.exp(np.clip(reset, -300, 300))
    on = 1e-4 * np.sinh(np.clip(v / 0.45, -300, 300)) * np.exp(np.clip(growth, -300, 300))
    return np.where(v < 0, off, on)


TAOX = taox_current, taox_rate
