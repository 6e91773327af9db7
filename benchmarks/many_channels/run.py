"""Arrays of many channels: the whole right-hand side (output function, coupling, cells) with an Euler step, against
torch's bare conv2d of the same shape, which is the coupling alone; both in single precision on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang
from cellnn.circuits.template import Template
from cellnn.simulator.batched.crew import Crew
from cellnn.simulator.batched.stepper import ExplicitStepper
from cellnn.simulator.problem import Problem
from cellnn.simulator.steppers.euler import EULER

from ..measure import alternate, circumstances, write_results

SIZE, BATCH, REPEATS = 28, 16, 20
STEP = 1e-8


def problem(channels: int) -> Problem:
    """Random weights that leave the array stable."""
    rng = np.random.default_rng(channels)
    A = rng.normal(size=(channels, channels, 3, 3)) * 0.3 / np.sqrt(9 * channels)
    template = Template.of(A, rng.normal(size=(channels, 1, 3, 3)) * 0.1, 0.0, channels, 1)
    start = rng.uniform(-1, 1, (channels, SIZE, SIZE))
    array = CellArray("layer", ChuaYang(), template, Boundary("fixed", 0.0), SIZE, SIZE, start, None)
    return Problem(array, rng.uniform(-1, 1, (BATCH, 1, SIZE, SIZE)))


def repeated(call: Callable[[], Any]) -> Callable[[], None]:
    """Many calls in a row."""

    def block() -> None:
        for _ in range(REPEATS):
            call()

    return block


def compare(channels: int, threads: int, rounds: int = 15) -> tuple[dict[str, Any], float]:
    """A row of the table, and the largest difference of one step from torch's, in V."""
    given = problem(channels)
    A = torch.tensor(given.array.template.A, dtype=torch.float32)
    x = torch.tensor(given.start[0], dtype=torch.float32)
    with Crew(threads) as crew, torch.inference_mode():
        stepper = ExplicitStepper(given, EULER, np.dtype(np.float32), crew, keeps_rates=False)
        h, everyone = np.full(BATCH, STEP), np.ones(BATCH, np.bool_)

        def ours() -> None:
            stepper.attempt(h)
            stepper.accept(everyone)

        def theirs() -> None:
            torch.nn.functional.conv2d(x, A, padding=1)

        ours()
        drive = torch.nn.functional.conv2d(x.clamp(-1, 1), A, padding=1).numpy() + given.feed
        expected = given.start[0] + STEP / 1e-6 * (drive - given.start[0])
        difference = max(float(np.abs(stepper.present(n)[0][0] - expected[n]).max()) for n in range(BATCH))
        times = alternate(repeated(ours), repeated(theirs), rounds)
    for name in ("cellnn_s", "rival_s"):
        times[name] /= REPEATS
    return {"rival": f"torch's conv2d alone, {channels} channels, {threads} thread(s)", **times}, difference


def main() -> None:
    """32 and 64 channels, with one thread and with all."""
    results = []
    for threads in sorted({1, os.cpu_count() or 1}):
        torch.set_num_threads(threads)
        results += [compare(channels, threads) for channels in (32, 64)]
    for row, difference in results:
        ratios = f"{row['ratio']:.2f} ({row['ratio_min']:.2f} to {row['ratio_max']:.2f})"
        print(f"{row['rival']}: {ratios}, {difference:.1e} V")
    write_results(
        Path(__file__).parent,
        {
            "question": f"many channels, {SIZE}x{SIZE}, 3x3, batch {BATCH}, single precision, an Euler step",
            "rows": [row for row, _ in results],
            "largest_difference": max(difference for _, difference in results),
            **circumstances("torch"),
        },
    )


if __name__ == "__main__":
    main()
