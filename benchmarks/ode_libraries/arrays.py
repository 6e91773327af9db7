"""The two arrays every library integrates: one channel with HLF3, and 32 channels in a batch of 16."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import correlate
from torch.nn.functional import conv2d, pad

import cellnn
from cellnn.circuits.library import read_template

TOLERANCE = 1e-4
"""rtol and atol of every side, in units of V1."""
RC = 1e-6
"""Seconds: the cell's default time constant."""


@dataclass(frozen=True)
class BenchArray:
    """Chua & Yang's array in normalised form: dv/dtau = -v + A f(v) + B u + z, tau in time constants.

    A, B are (out, in, 3, 3), u and start (samples, channels, rows, columns); `padding` is what lies beyond the edge in
    the words of NumPy's pad: `edge` (zero flux) or `constant` (zeros, what a convolution pads by itself).
    """

    title: str
    A: NDArray[np.float64]
    B: NDArray[np.float64]
    u: NDArray[np.float64]
    start: NDArray[np.float64]
    padding: str
    stop: float
    precisions: tuple[str, ...]

    @property
    def drive(self) -> NDArray[np.float64]:
        """B u, (samples, channels, rows, columns): constant during a run, so each side computes it once."""
        return self.correlated(self.B, self.u)

    def correlated(self, weights: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The coupling by SciPy's ndimage, for references."""
        mode = {"edge": "nearest", "constant": "constant"}[self.padding]
        out = np.zeros((len(values), len(weights), *values.shape[2:]))
        for n, o, i in np.ndindex(len(values), len(weights), values.shape[1]):
            out[n, o] += correlate(values[n, i], weights[o, i], mode=mode)
        return out

    def spec(self, stop: float) -> dict[str, Any]:
        """The same array as a circuit of the project."""
        return {
            "cellnn": 1,
            "grid": {
                "rows": self.u.shape[2],
                "columns": self.u.shape[3],
                "boundary": "zero-flux" if self.padding == "edge" else {"fixed": 0},
            },
            "cell": {"circuit": "chua-yang"},
            "layers": [{"channels": len(self.A), "template": {"A": self.A.tolist(), "B": self.B.tolist(), "z": 0.0}}],
            "input": self.u if len(self.u) > 1 else self.u[0],
            "initial": "input" if self.start.any() else 0,
            "run": {"stop": stop * RC, "method": "dopri5", "rtol": TOLERANCE, "atol": TOLERANCE, "save": 2},
        }

    def truth(self, times: tuple[float, ...]) -> NDArray[np.float64]:
        """The first sample's states at these times, whole time constants (times, channels, rows, columns).

        The classical Runge-Kutta method in steps of RC/500, good to about 1e-6: what limits it are the corners of f,
        which cells cross at all times. They keep adaptive methods of high order from tighter tolerances, too.
        """
        h, v = 1 / 500, torch.from_numpy(self.start[:1])
        drive, weights = torch.from_numpy(self.drive[:1]), torch.from_numpy(self.A)
        mode = {"edge": "replicate", "constant": "constant"}[self.padding]

        def rates(v: torch.Tensor) -> torch.Tensor:
            return (drive - v).add_(conv2d(pad(v.clamp(-1, 1), (1, 1, 1, 1), mode=mode), weights))

        wanted = [round(time / h) for time in times]
        found: dict[int, NDArray[np.float64]] = {}
        for n in range(max(wanted)):
            k1 = rates(v)
            k2 = rates(v + h / 2 * k1)
            k3 = rates(v + h / 2 * k2)
            k4 = rates(v + h * k3)
            v = v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            if n + 1 in wanted:
                found[n + 1] = v[0].numpy()
        return np.stack([found[n] for n in wanted])


def one_channel() -> BenchArray:
    """The array of plain_array: 256x256, halftoning, starting from the picture."""
    halftone = read_template("HLF3")
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 1, 256, 256))
    A, B = (np.array(kernel)[np.newaxis, np.newaxis] for kernel in (halftone.A, halftone.B))
    return BenchArray("one channel, 256x256, HLF3, 10 RC", A, B, picture, picture, "edge", 10.0, ("double", "single"))


def many_channels(channels: int = 32, size: int = 28, samples: int = 16) -> BenchArray:
    """Dense random weights: the coupling's spectral radius is 1, its drive B u of unit variance."""
    random = np.random.default_rng(1)
    A = random.normal(size=(channels, channels, 3, 3))
    spectrum = np.fft.fft2(A, s=(size, size)).transpose(2, 3, 0, 1)  # the coupling of each spatial frequency
    A /= np.abs(np.linalg.eigvals(spectrum)).max()
    u = random.uniform(-1, 1, (samples, channels, size, size))  # of variance 1/3
    B = random.normal(size=A.shape) * np.sqrt(3 / (9 * channels))
    title = f"{channels} channels, {size}x{size}, batch {samples}, dense 3x3, 5 RC"
    return BenchArray(title, A, B, u, np.zeros_like(u), "constant", 5.0, ("single",))


def loaded(array: BenchArray, stop: float) -> cellnn.Circuit:
    """The circuit in memory, as the rivals' arrays are before the clock starts."""
    return cellnn.load(array.spec(stop))


def ours(circuit: cellnn.Circuit, precision: str) -> NDArray[np.floating]:
    """The final states (samples, channels, rows, columns), by the project."""
    state = cellnn.simulate(circuit, precision=precision)["layer1"]["state"].isel(time=-1).values
    return state.reshape(-1, *state.shape[-3:])
