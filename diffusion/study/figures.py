"""Numbers that the page and its sentences take from a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .quality import Estimate
from .study import BlockStudy, DataStudy


@dataclass(frozen=True)
class Reach:
    """The first step whose held-out loss is at most a goal, and the seconds until then; None: not reached."""

    step: int | None
    seconds: float | None


def reach(block: BlockStudy, goal: float, until: int) -> Reach:
    """Of the log's lines up to the step `until`."""
    for point in block.run.curve:
        if point.step <= until and point.loss <= goal:
            return Reach(point.step, block.clock.seconds_at(point.step))
    return Reach(None, None)


def held_out_within(block: BlockStudy, seconds: float) -> tuple[int, float] | None:
    """Step and held-out loss of the equal-time run, or of the log's last line within so many seconds; None when there
    is none."""
    if block.timely is not None and block.timely.own_run:
        return block.timely.step, block.timely.run.held_out(block.timely.step)
    found = [point for point in block.run.curve if block.clock.seconds_at(point.step) <= seconds * (1 + 1e-9)]
    return (found[-1].step, found[-1].loss) if found else None


def estimate(report: Mapping[str, Any] | None, name: str) -> Estimate | None:
    """A figure of a report; None where there is no report or no value."""
    figure = {} if report is None else report["figures"].get(name, {})
    if figure.get("value") is None:
        return None
    low, high = figure["interval"] or (figure["value"], figure["value"])
    return Estimate(figure["value"], low, high, figure["count"])


def frechet(report: Mapping[str, Any]) -> Estimate:
    """The Frechet distance, which every report has."""
    found = estimate(report, "frechet")
    assert found is not None
    return found


def own(study: DataStudy, name: str) -> float | None:
    """What the data's own pictures score."""
    return study.base.report["figures"].get(name, {}).get("own")
