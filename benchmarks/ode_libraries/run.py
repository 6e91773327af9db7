"""General ODE libraries against the project, with the same method and tolerance: Dormand-Prince 5(4) on one channel of
256x256 cells, and on 32 channels in a batch of 16.

Each library gets the right-hand side that is the faster one here (a convolution, or nine shifted sums), its cheapest
forward run (no gradients; diffrax jitted before the clock starts) and all cores. Both judge a step by the mean over
everything they integrate, and take one step size for a whole batch; the project judges each sample by its worst cell.
At the same tolerance they are therefore less accurate, and a second row of each gives them the longest tolerance at
which their largest error is no larger than the project's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..measure import alternate, circumstances, seconds, write_results
from .arrays import TOLERANCE, BenchArray, loaded, many_channels, one_channel, ours

ROUNDS = 3


class Side(Protocol):
    """A library holding one array in one precision."""

    sides: dict[str, Callable[..., Any]]

    def run(self, side: str, stop: float, tolerance: float = TOLERANCE) -> NDArray[np.floating]:
        """The final state (samples, channels, rows, columns)."""


def libraries(array: BenchArray, precision: str) -> Iterable[tuple[str, Side]]:
    """The rivals that are installed."""
    try:
        from .with_torchdiffeq import TorchdiffeqSide

        yield "torchdiffeq", TorchdiffeqSide(array, precision)
    except ImportError:
        print("torchdiffeq is missing: pip install '.[bench]'")
    try:
        from .with_diffrax import DiffraxSide

        yield "diffrax", DiffraxSide(array, precision)
    except ImportError:
        print("diffrax is missing: pip install '.[bench]'")


def fastest(library: Side, stop: float) -> str:
    """The right-hand side with which a whole run is the fastest, each after a run to warm up."""

    def shortest(side: str) -> float:
        return min(seconds(lambda: library.run(side, stop)) for _ in range(4))

    return min(library.sides, key=shortest)


def equally_accurate(
    library: Side, side: str, array: BenchArray, wanted: float, truth: NDArray[np.float64]
) -> tuple[float, float]:
    """The longest of these tolerances at which the library's largest error is no larger than wanted, and that error.

    Raises ValueError when none of them is tight enough.
    """
    for tolerance in (TOLERANCE / 10 ** (k / 4) for k in range(1, 15)):
        found = error(library.run(side, array.stop, tolerance), truth)
        if found <= wanted:
            return tolerance, found
    raise ValueError(f"no tolerance down to {tolerance:.1g} gives an error of {wanted:.1e}, the last {found:.1e}")


def error(states: NDArray[np.floating], truth: NDArray[np.float64]) -> float:
    """The first sample's largest error, as a share of the range."""
    return float(np.abs(states[0] - truth).max() / np.ptp(truth))


def compare(array: BenchArray, rows: list[dict[str, Any]], notes: list[str]) -> None:
    """All rivals on one array, in each precision."""
    early, late = array.truth((1.0, array.stop))
    circuit, start_of_it = loaded(array, array.stop), loaded(array, 1.0)
    for precision in array.precisions:
        own = error(ours(circuit, precision), late)
        errors = [f"cellnn {error(ours(start_of_it, precision), early):.1e} and {own:.1e}"]
        for name, library in libraries(array, precision):
            side = fastest(library, array.stop)
            found = error(library.run(side, 1.0), early), error(library.run(side, array.stop), late)
            errors.append(f"{name} {found[0]:.1e} and {found[1]:.1e}")
            settings = [(TOLERANCE, found[1], f"rtol {TOLERANCE:g}")]
            if found[1] > own:
                tolerance, reached = equally_accurate(library, side, array, own, late)
                settings.append((tolerance, reached, f"rtol {tolerance:.1e}, as accurate"))
            for tolerance, reached, text in settings:
                theirs = partial(library.run, side, array.stop, tolerance)
                timing = alternate(partial(ours, circuit, precision), theirs, ROUNDS)
                row = {"case": f"{array.title}, {precision}", "rival": f"{name} ({side}), {text}", **timing}
                rows.append({**row, "errors": {"cellnn": own, name: reached}})
        notes.append(
            f"{array.title}, {precision}: largest error of the first sample after 1 RC and at the end, as a share of "
            f"the range, each at rtol {TOLERANCE:g}: {'; '.join(errors)}."
        )


def main() -> None:
    """Both arrays."""
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for array in (one_channel(), many_channels()):
        compare(array, rows, notes)
    content = {"question": f"Dormand-Prince 5(4), rtol = atol = {TOLERANCE:g}", "rows": rows, "notes": notes}
    write_results(Path(__file__).parent, {**content, **circumstances("torch", "torchdiffeq", "jax", "diffrax")})


if __name__ == "__main__":
    main()
