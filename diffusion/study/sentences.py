"""What figures say, in words: computed, so that a negative result is said as plainly as any other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .quality import Accuracy, Estimate

SMALL_CHANGE = 0.01
"""A relative change of the held-out loss below which an accurate integration is said to change little."""


class Difference(NamedTuple):
    """The mean of paired differences with its 95 % interval (normal)."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of the interval has one sign."""
        return self.low > 0 or self.high < 0


def paired_difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Of values of the same examples, at least two."""
    difference = np.subtract(ours, theirs)
    mean, reach = float(difference.mean()), 1.96 * float(difference.std(ddof=1)) / math.sqrt(len(difference))
    return Difference(mean, mean - reach, mean + reach)


def held_out_sentence(name: str, loss: float, base: str, base_loss: float, difference: Difference) -> str:
    """Of mean held-out losses and the difference of the examples' losses (ours minus theirs)."""
    share = abs(loss / base_loss - 1)
    between = (
        f"the mean difference per example is {difference.mean:.2g} ({difference.low:.2g} to {difference.high:.2g})"
    )
    if not difference.excludes_zero:
        return (
            f"Held-out loss: {name} {loss:.4f} against {base} {base_loss:.4f}; {between}, which includes zero: "
            "no difference is shown."
        )
    word = "lower (better)" if difference.mean < 0 else "higher (worse)"
    return f"Held-out loss: {name}'s {loss:.4f} is {share:.1%} {word} than {base}'s {base_loss:.4f}; {between}."


def frechet_sentence(where: str, name: str, ours: Estimate | None, base: str, theirs: Estimate) -> str:
    """Of two Frechet distances; `where`: at equal steps, at equal time."""
    if ours is None:
        return f"Frechet distance {where}: {name} has kept no weights from within that time."
    if ours.count != theirs.count:
        return (
            f"Frechet distance {where}: not compared, {name} has {ours.count} samples and {base} {theirs.count} "
            "(few samples bias it upward)."
        )
    values = f"{name}'s {shown(ours)} and {base}'s {shown(theirs)}"
    if ours.low <= theirs.high and theirs.low <= ours.high:
        return f"Frechet distance {where}: the intervals of {values} overlap: no difference is shown."
    word = "lower (better)" if ours.value < theirs.value else "higher (worse)"
    return f"Frechet distance {where}: {name} is {word}; the intervals of {values} do not overlap."


def reach_sentence(
    name: str, step: int | None, seconds: float | None, base: str, loss: float, base_step: int, base_seconds: float
) -> str:
    """When a block's held-out loss first came down to the baseline's final one."""
    goal = f"{base}'s final held-out loss ({loss:.4f}"
    if step is None or seconds is None:
        return f"Speed: {name} did not reach {goal}) within its training."
    times = seconds / base_seconds
    quicker = "quicker" if times < 1 else "slower"
    return (
        f"Speed: {name} came down to {goal}, step {base_step}) at step {step}, after {times:.2f} times {base}'s "
        f"training time: {'fewer' if step < base_step else 'not fewer'} steps, {quicker} in time."
    )


def accuracy_sentence(name: str, found: Accuracy) -> str:
    """Whether a network lives off its solver's errors."""
    planned, accurate = (float(np.mean(values)) for values in found.held_out)
    difference = paired_difference(found.held_out[1], found.held_out[0])
    change = accurate / planned - 1
    first, second = found.frechet
    overlap = first.low <= second.high and second.low <= first.high
    little = abs(change) < SMALL_CHANGE and overlap
    verdict = "does not depend on its solver's errors" if little else "depends on its solver's errors"
    zero = "" if difference.excludes_zero else " (not distinguishable from zero)"
    return (
        f"Integrated by {found.method}, {name}'s held-out loss changes by {change:+.2%}{zero}, its Frechet distance "
        f"from {shown(first)} to {shown(second)} ({first.count} samples), and pictures of the same noise by "
        f"{found.picture_rms:.2g} (root mean square; black to white is 2): the trained network {verdict} "
        f"by the measure of {SMALL_CHANGE:.0%} of the loss and overlapping intervals."
    )


def claim_sentence(name: str, base: str, ours: Estimate, theirs: Estimate, quicker: bool | None) -> str:
    """The paper's two claims, quality and speed, next to what was found. `quicker` is None when the goal was not
    reached."""
    better = ours.high < theirs.low
    worse = ours.low > theirs.high
    quality = "is seen here" if better else "is contradicted here" if worse else "is not shown here"
    speed = "is seen here" if quicker else "is not seen here"
    speed += " (the loss was not reached)" if quicker is None else ""
    return f"The paper's claims for {name}: higher quality than {base} {quality}; quicker training {speed}."


def shown(estimate: Estimate) -> str:
    """`12.3 (11.5 to 13.1)`."""
    return f"{estimate.value:.3g} ({estimate.low:.3g} to {estimate.high:.3g})"
