"""The figures of a report: each measure of samples beside what pictures of the data score in their place."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .bootstrap import centred_interval, interval_of_mean
from .class_balance import entropy, histogram, total_variation
from .extrapolation import frechet_infinity
from .floors import frechet_floor
from .frechet import frechet_distance, normal
from .kernel_distance import kernel_distance
from .neighbours import neighbours
from .report import Figure
from .seen import Seen
from .similarity import nearest_ssim, pair_ssim

CONFIDENT = 0.9
MOST = 5000
"""Pictures that enter measures whose cost grows with the square of the count."""


def frechet_figures(
    samples: Seen, data: Seen, streams: dict[str, np.random.Generator], resamples: int
) -> dict[str, Figure]:
    """The Frechet distance at the samples' count and extrapolated, with the floors of the data's own pictures."""
    reference = normal(data.features)
    value = frechet_distance(samples.features, reference)
    interval = centred_interval(
        value, lambda chosen: frechet_distance(chosen, reference), samples.features, streams["frechet"], resamples
    )
    n, m = len(samples), len(data)
    equal = frechet_floor(data.features, len(samples), streams["floor"])
    half = frechet_floor(data.features, len(data) // 2, streams["floor"])
    line = frechet_infinity(samples.features, reference, streams["infinity"])
    floors = {
        f"floor_{name}": {"value": floor.value, "spread": floor.spread, "count": floor.count, "against": floor.against}
        for name, floor in (("own_count", equal), ("half", half))
    }
    few = "biased upward by few samples: compare at equal counts"
    unsteady = "" if line.stable else "not stable: too few samples, or not yet linear in 1/n"
    return {
        "frechet": Figure(value, interval, n, m, equal.value, "lower", few, floors),
        "frechet_infinity": Figure(
            line.value, None, n, m, 0.0, "lower", unsteady,
            {"stable": line.stable, "spread": line.spread, "curvature": line.curvature},
        ),
    }  # fmt: skip


def kernel_figures(samples: Seen, data: Seen, rng: np.random.Generator) -> dict[str, Figure]:
    """The kernel distance, beside that of two halves of the data."""
    chosen, against = _at_most(samples.features, MOST, rng), _at_most(data.features, MOST, rng)
    found = kernel_distance(chosen, against, rng)
    half = len(against) // 2
    shuffled = rng.permutation(against)
    own = kernel_distance(shuffled[:half], shuffled[half:], rng, subsets=1)
    reach = 1.96 * found.standard_error
    more = {
        "subset_mean": found.subset_mean,
        "subset_spread": found.subset_spread,
        "subset_size": found.subset_size,
        "own_standard_error": own.standard_error,
    }
    interval = (found.value - reach, found.value + reach)
    note = "unbiased; may be negative"
    return {"kernel": Figure(found.value, interval, len(chosen), len(against), own.value, "lower", note, more)}


def neighbour_figures(samples: Seen, data: Seen, rng: np.random.Generator) -> dict[str, Figure]:
    """Precision, recall, density and coverage at equal counts, beside those of other pictures of the data."""
    count = min(len(samples), len(data) // 2, MOST)
    shuffled = rng.permutation(data.features)
    chosen, against, others = _at_most(samples.features, count, rng), shuffled[:count], shuffled[count : 2 * count]
    found, own = neighbours(chosen, against), neighbours(others, against)
    note = "at equal counts"
    return {
        name: Figure(
            float(values.mean()), interval_of_mean(values, rng), count, count, float(real.mean()), "higher", note
        )
        for name, values, real in zip(found._fields, found, own, strict=True)
    }


def class_figures(samples: Seen, data: Seen, classes: int, rng: np.random.Generator) -> dict[str, Figure]:
    """Entropy of the recognised classes, and how far their shares are from the data's."""
    real = histogram(data.labels, classes)
    count = len(samples)

    def entropy_of(labels: Any) -> float:
        return entropy(histogram(labels, classes))

    def distance_of(labels: Any) -> float:
        return total_variation(histogram(labels, classes), real)

    drawn = [total_variation(row / count, real) for row in rng.multinomial(count, real, size=200)]
    result = {}
    for name, statistic, own, better, note in (
        ("class_entropy", entropy_of, entropy(real), "higher", "bits"),
        ("class_distance", distance_of, float(np.mean(drawn)), "lower", "total variation; own: by chance alone"),
    ):
        value = statistic(samples.predicted)
        low, high = centred_interval(value, statistic, samples.predicted, rng, 500)
        result[name] = Figure(value, (max(low, 0.0), high), count, len(data), own, better, note)
    return result


def recognition_figures(samples: Seen, real: Seen, rng: np.random.Generator, classes: int) -> dict[str, Figure]:
    """The share recognised with confidence, and that recognised as the class that was asked for."""
    sure, own = samples.confidence >= CONFIDENT, real.confidence >= CONFIDENT
    note = f"recognised with at least {CONFIDENT:.0%}"
    figures = {"confident": _share(sure, own, note, rng)}
    if samples.labels is not None and (asked := samples.labels < classes).any():
        right = (samples.predicted == samples.labels)[asked]
        figures["label_agreement"] = _share(right, real.predicted == real.labels, "recognised as what was asked", rng)
    return figures


def _share(samples: Any, own: Any, note: str, rng: np.random.Generator) -> Figure:
    values = samples.astype(float)
    return Figure(
        float(values.mean()), interval_of_mean(values, rng), len(values), len(own), float(own.mean()), "higher", note
    )


def similarity_figures(samples: Seen, data: Seen, other: Seen | None, rng: np.random.Generator) -> dict[str, Figure]:
    """SSIM to the nearest picture of the data, and of pairs of samples."""
    chosen = samples.images[torch.from_numpy(rng.permutation(len(samples))[:MOST])]
    near = nearest_ssim(chosen, data.images)
    if other is None:
        some = torch.from_numpy(rng.permutation(len(data))[:1000])
        own = nearest_ssim(data.images[some], data.images, itself=some)
    else:
        some = torch.from_numpy(rng.permutation(len(other))[:1000])
        own = nearest_ssim(other.images[some], data.images)
    pairs = pair_ssim(samples.images, 1000, rng)
    alike = pair_ssim(data.images, 1000, rng)
    more = {"highest": float(near.max()), "own_highest": float(own.max()), "own_count": len(own)}
    return {
        "nearest_ssim": Figure(
            float(near.mean()), interval_of_mean(near, rng), len(near), len(data), float(own.mean()), "",
            "SSIM to the nearest picture of the data: above its own, samples repeat it", more,
        ),
        "pair_ssim": Figure(
            float(pairs.mean()), interval_of_mean(pairs, rng), len(pairs), len(alike), float(alike.mean()), "",
            "SSIM of pairs of samples: above its own, they are less diverse",
        ),
    }  # fmt: skip


def _at_most(rows: Any, count: int, rng: np.random.Generator) -> Any:
    return rows if len(rows) <= count else rng.permutation(rows)[:count]
