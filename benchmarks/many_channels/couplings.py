"""What docs/kernels.md says of couplings: `python -m benchmarks.many_channels.couplings` prints its table.

One thread, its own processor time, so that what else runs on the machine counts little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numba import njit

from cellnn.simulator.batched import blocked, direct
from cellnn.simulator.batched.tile import Tile

ROWS, BATCH = 28, 16


def seconds(call: Callable[[], Any], turns: int = 15) -> float:
    """The least processor time of several turns."""
    call()
    times = []
    for _ in range(turns):
        start = time.thread_time()
        call()
        times.append(time.thread_time() - start)
    return min(times)


def over_rows(drive_rows: Any) -> Any:
    """A coupling over all rows of all samples."""

    @njit(nogil=True)
    def run(padded, which, weights, feed, drive, geometry):  # type: ignore[no-untyped-def]
        for n in range(len(which)):
            for i in range(geometry[0]):
                drive_rows(padded, weights, which, which, n, n + 1, i, feed, drive, 0, geometry)

    return run


def couplings(channels: int, dtype: np.dtype) -> dict[str, float]:
    """Seconds of each way to the same sums."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=(BATCH, ROWS + 2, ROWS + 2, channels)).astype(dtype)
    A = rng.normal(size=(channels, channels, 3, 3)).astype(dtype)
    which, feed = np.arange(BATCH), np.zeros((BATCH, channels * ROWS * ROWS), dtype)
    drive = np.empty((1, channels * ROWS), dtype)
    tile = Tile.fitting(channels, ROWS, dtype.itemsize)
    tiles = over_rows(blocked.row_function(tile.pixels, tile.vectors, tile.lanes))
    packed, pixels = blocked.packed(A, tile, dtype), y.reshape(BATCH, -1)
    planes = np.ascontiguousarray(y.transpose(0, 1, 3, 2)).reshape(BATCH, -1)
    listed, rows = direct.listed(A, dtype), over_rows(direct.row_function())
    matrix = np.ascontiguousarray(A.transpose(2, 3, 1, 0)).reshape(-1, channels)
    windows = np.lib.stride_tricks.sliding_window_view(y, (3, 3), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    columns, sums = np.empty(windows.shape, dtype), np.empty((BATCH * ROWS * ROWS, channels), dtype)

    def im2col() -> None:
        np.copyto(columns, windows)
        np.matmul(columns.reshape(len(sums), -1), matrix, out=sums)

    given = torch.from_numpy(np.ascontiguousarray(y[:, 1:-1, 1:-1].transpose(0, 3, 1, 2)))
    last, weights = torch.from_numpy(y).permute(0, 3, 1, 2), torch.from_numpy(A)
    last_weights = weights.to(memory_format=torch.channels_last)
    ways: dict[str, Callable[[], Any]] = {
        "blocked": lambda: tiles(pixels, which, packed, feed, drive, (ROWS, ROWS, 1, channels, 1, 1, 0)),
        "direct": lambda: rows(planes, which, listed, feed, drive, (ROWS, ROWS, channels, 1, 1, 1, 0)),
        "im2col": im2col,
        "conv2d": lambda: torch.nn.functional.conv2d(given, weights, padding=1),
        "conv2d, channels last": lambda: torch.nn.functional.conv2d(last, last_weights),
    }
    return {name: seconds(way) for name, way in ways.items()}


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)

    with torch.inference_mode():
        for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
            for channels in (4, 8, 16, 32, 64, 128):
                times = couplings(channels, dtype)
                work = 2 * 9 * channels**2 * BATCH * ROWS**2
                cells = " | ".join(f"{work / time / 1e9:.0f}" for time in times.values())
                if channels == 4:
                    print(f"\n| {dtype} | " + " | ".join(times) + " |")
                print(f"| {channels} | {cells} |")


if __name__ == "__main__":
    main()
