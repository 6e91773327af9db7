"""What was measured on unseen chips, Markdown."""

from __future__ import annotations

from typing import Any

from .words import item, paragraph, table, within

HALF, HUNDREDTH = 0.5, 0.01
"""What was asked of generated templates: that share of what calibration recovers, in that share of its time."""
HEADINGS = ("", "accuracy", "best chip", "worst chip", "gain", "CPU time [ms]", "pictures shown to the chip")


def on_chips(report: dict[str, Any]) -> list[str]:
    """The table, and whether half of what calibration recovers is recovered in a hundredth of its time."""
    new, reference = report["methods"]["generated"], report["methods"][report["reference"]]
    at_once = report["seconds_per_chip_when_generated_at_once"]
    return [
        "## Measured: for chips",
        "",
        *paragraph(
            f"{report['chips']} simulated chips that training has not seen, {report['pictures']} digits; the ideal",
            f"network has {report['ideal']:.4f}. Intervals are 95 % over chips (bootstrap); `gain` is over the nominal",
            "templates on the same chips. Times are medians over chips, each treated by itself; with all",
            f"{report['chips']} measured and drawn at once generated templates take {at_once * 1e3:.3g} ms each.",
        ),
        "",
        *table(HEADINGS, [_row(name, method, report) for name, method in report["methods"].items()]),
        "",
        *paragraph(
            "Two things were asked of generated templates, against calibration with",
            f"{report['reference'].removeprefix('calibrated ')} pictures, the default:",
        ),
        "",
        *_share(new, reference),
        *_time(new, at_once / reference["seconds"]),
        *_of_tuning(new),
        *_of_regression(new),
    ]


def _row(name: str, method: dict[str, Any], report: dict[str, Any]) -> tuple[str, ...]:
    mean = f"{method['mean']:.4f} {within(method['mean_interval'], '.4f')}"
    gain = f"{method['gain']:+.4f} {within(method['gain_interval'])}"
    further = ("", "") if name == "nominal" else (gain, f"{method['seconds'] * 1e3:.3g}")
    return name, mean, f"{method['best']:.4f}", f"{method['worst']:.4f}", *further, str(report["pictures_shown"][name])


def _share(new: dict[str, Any], reference: dict[str, Any]) -> list[str]:
    share, interval = new["share_of_calibrated"], new["share_of_calibrated_interval"]
    if share is None:
        return item(
            "**Half of what calibration recovers.** Cannot be told: what calibration recovers,",
            f"{reference['gain']:+.4f} {within(reference['gain_interval'])}, is not clearly more than nothing.",
        )
    return item(f"**Half of what calibration recovers.** {_recovered(share, interval)}: {_reached(interval)}.")


def _recovered(share: float, interval: list[float]) -> str:
    low, high = interval
    return f"{share:.0%} ({low:.0%} to {high:.0%})"


def _reached(interval: list[float]) -> str:
    low, high = interval
    if low >= HALF:
        return "reached"
    if high < HALF:
        return "missed"
    return "open, as the interval holds both more and less than half"


def _time(new: dict[str, Any], at_once: float) -> list[str]:
    share = new["time_of_calibrated"]
    verdict = "reached" if share <= HUNDREDTH else f"missed by a factor of {share / HUNDREDTH:.2g}"
    return item(
        f"**A hundredth of its time.** {share:.2g} of it: {verdict}. With all chips at once it is {at_once:.2g} of the",
        "time that calibration of one chip takes.",
    )


def _of_tuning(new: dict[str, Any]) -> list[str]:
    share, interval = new["share_of_fine_tuned"], new["share_of_fine_tuned_interval"]
    time = f"in {new['time_of_fine_tuned']:.2g} of its time"
    if share is None:
        return item(f"Fine-tuning recovers not clearly more than nothing, and no share can be told; they come {time}.")
    return item(f"Of what fine-tuning recovers they recover {_recovered(share, interval)}, {time}.")


def _of_regression(new: dict[str, Any]) -> list[str]:
    """The honest question: is a generative model needed for this?"""
    (low, high), mean = new["beyond_regression_interval"], new["beyond_regression"]
    verdict = "more than" if low > 0 else "less than" if high < 0 else "no clear difference from"
    return item(
        "**Against a linear map** (ridge regression from the same measurements to the same fine-tuned parameters):",
        f"generated ones are {mean:+.4f} {within([low, high])} in accuracy, {verdict} what the map gives.",
    )
