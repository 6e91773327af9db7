"""What was measured of generated templates and denoisers, Markdown."""

from __future__ import annotations

from typing import Any

from ..evaluate.table import HEADINGS, rows_of
from .words import at_least, below, item, paragraph, sentence, table, within

PLANE = (
    "![Originals, generated templates and simpler ones over the two directions in which the originals vary most]"
    "(images/parameters-plane.png)"
)
DENOISERS = (
    "![Digits of the trained denoiser, of the last original and of three generated ones, from the same noise]"
    "(images/parameters-denoisers.png)"
)
PAIRS = ("original_original", "generated_original", "generated_generated")
OF_DENOISERS = 6
"""Columns of the table that denoisers have too: without overlaps, as they have no right and wrong."""


def templates(report: dict[str, Any]) -> list[str]:
    """The table in the paper's form, the picture, and the three bars with what was measured, whichever way it came."""
    old, count = report["original"], report["compared"]
    return [
        "## Measured: templates of a classifier",
        "",
        *paragraph(
            f"Accuracy on {report['pictures']} digits that nothing was trained with; one is",
            f"{report['resolution']:.4f}. The mean is over all of a group, in brackets the 95 % over other digits",
            f"(bootstrap). Best and worst are of {count} each, of originals {count} evenly spread over all",
            f"{old['count']} (the best of all has {old['best_of_all']:.4f}).",
            "`spread` is relative to the originals', `distance` that to the nearest original relative to two",
            "originals'. Similarity is the overlap (IoU) of the sets of wrongly classified digits, with the nearest",
            "original and within the group.",
        ),
        "",
        *table(HEADINGS, rows_of(report)),
        "",
        PLANE,
        "",
        *paragraph(
            f"*All {old['count']} originals, joined in the order of training, and {report['n']} each of generated and",
            "of simpler ones, over the two directions in which the originals vary most.*",
        ),
        "",
        "Three things were asked of generated templates:",
        "",
        *_mean(report["generated"], old),
        *_best(report["generated"], old),
        *_novelty(report),
        *_simpler(report["ablations"]),
    ]


def denoisers(report: dict[str, Any]) -> list[str]:
    """The table and the sheet of samples."""
    new, old = report["generated"], report["original"]
    interval = new["mean_beyond_original_interval"]
    more, low, high = (-value / old["mean"] for value in (new["mean_beyond_original"], interval[1], interval[0]))
    return [
        "## Measured: a denoiser",
        "",
        *paragraph(
            f"The same of a denoiser, its held-out loss on {report['pictures']} noised digits: less is better.",
            f"The mean loss of generated ones differs from that of originals by {more:+.3%} of it ({low:+.3%} to",
            f"{high:+.3%}).",
            f"That they be at least as good is {at_least(interval)}.",
        ),
        "",
        *table(HEADINGS[:OF_DENOISERS], [row[:OF_DENOISERS] for row in rows_of(report)]),
        "",
        DENOISERS,
        "",
        *paragraph(
            "*From above: the denoiser as it comes, the last original, three generated ones; every column from the",
            "same noise.*",
        ),
    ]


def _mean(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    interval = new["mean_beyond_original_interval"]
    return item(
        f"**As good in the mean.** Generated {new['mean']:.4f}, originals {old['mean']:.4f}:",
        f"{new['mean_beyond_original']:+.4f} {within(interval)}. {sentence(at_least(interval))}",
    )


def _best(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    beginning = f"**A best as good.** Generated {new['best']:.4f}, originals {old['best']:.4f}"
    shift, interval = new["best_confirmed_beyond_original"], new["best_confirmed_beyond_original_interval"]
    if shift is None:
        return item(f"{beginning}, of different counts: not compared.")
    return item(
        f"{beginning}: {new['best_beyond_original']:+.4f}. Luck has a part in the best of many; chosen by one half of",
        f"the digits and measured with the other they have {new['best_confirmed']:.4f} and",
        f"{old['best_confirmed']:.4f}: {shift:+.4f} {within(interval)}. {sentence(at_least(interval))}",
    )


def _novelty(report: dict[str, Any]) -> list[str]:
    found = report["novelty"]
    if found is None:
        return item("**No copies.** Not measured: that takes the ablations.")
    alike, apart = found["similarity"], found["distance"]
    interval = alike["difference_interval"]
    further = "further from" if apart["difference_interval"][0] > 0 else "not clearly further from"
    own, mixed, new = (report[f"similarity_{key}"] for key in PAIRS)
    return item(
        f"**No copies.** As copies count originals with {found['copies'].removeprefix('noise ')} of the originals'",
        f"spread as noise. The overlap with the nearest original is {alike['generated']:.3f} of generated ones and",
        f"{alike['copies']:.3f} of copies: {alike['difference']:+.3f} {within(interval, '+.3f')}, over other digits",
        f"and other members. That it be clearly below is {below(interval)}.",
        f"As parameters generated ones are {further} the nearest original than copies: {apart['generated']:.3f} and",
        f"{apart['copies']:.3f} of the distance of two originals, {apart['difference']:+.3f}",
        f"{within(apart['difference_interval'], '+.3f')}.",
        f"The mean overlap of originals is {own:.3f}, of generated ones with originals {mixed:.3f}, of generated ones",
        f"{new:.3f}.",
    )


def _simpler(ablations: dict[str, dict[str, Any]]) -> list[str]:
    """What the accuracy of the ablations says about the first two bars."""
    if not ablations:
        return []
    worse = [name for name, group in ablations.items() if group["mean_beyond_original_interval"][1] < 0]
    if not worse:
        return [
            "",
            *paragraph(
                "No ablation is clearly worse in the mean than the originals either, plain noise around an original",
                "among them, so here the first two points do not speak for diffusion.",
            ),
        ]
    others = f" of {len(ablations)}" if len(worse) < len(ablations) else ", which are all"
    return ["", *paragraph(f"Clearly worse in the mean than the originals are {', '.join(worse)}{others} ablations.")]
