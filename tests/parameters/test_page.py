from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellnn.diffusion.parameters.chips.compare import compared
from cellnn.diffusion.parameters.page.page import measured, replaced
from cellnn.diffusion.parameters.page.plane import plane_of

from .reports import made_up

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "parameters.md"
REFERENCE = "calibrated 64"


def test_the_plane_is_that_of_the_largest_variances():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 6)) * [5, 0.1, 3, 0.1, 0.1, 0.1] + 2.0
    mean, directions, shares = plane_of(vectors)
    np.testing.assert_allclose(np.abs(directions), np.eye(6)[[0, 2]], atol=0.05)
    covariance = np.linalg.eigvalsh(np.cov(vectors.T))[::-1]
    np.testing.assert_allclose(shares, covariance[:2] / covariance.sum(), rtol=1e-6)
    np.testing.assert_allclose(mean, vectors.mean(0))


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def of_templates(**changes) -> dict:
    report = made_up(20, 20) | {"n": 20}
    report["generated"] |= changes
    return report


def of_chips(**gains: tuple[float, float]) -> dict:
    """A report of 40 chips whose methods gain so much over nominal ones, and its spread."""
    rng = np.random.default_rng(0)
    nominal = rng.normal(0.8, 0.02, 40)
    accuracy = {"nominal": list(nominal)}
    accuracy |= {name.replace("_", " "): list(nominal + rng.normal(*gain, 40)) for name, gain in gains.items()}
    accuracy["linear regression"] = list(nominal + rng.normal(*gains["generated"], 40))
    accuracy["fine-tuned"] = list(nominal + rng.normal(0.1, 0.01, 40))
    seconds = {name: [0.5] * 40 for name in accuracy} | {"generated": [0.01, 0.02, 5.0] * 13 + [0.02]}
    methods = compared(accuracy, seconds, REFERENCE, 0)
    shown = dict.fromkeys(methods, 16)
    return {
        "chips": 40, "pictures": 2000, "ideal": 0.95, "reference": REFERENCE, "pictures_shown": shown,
        "methods": methods, "seconds_per_chip_when_generated_at_once": 0.001,
    }  # fmt: skip


def test_the_page_says_what_the_report_does():
    report = of_templates()
    text = measured(report, None, None)
    new, old = report["generated"], report["original"]
    flat = in_one_line(text)
    assert f"Generated {new['mean']:.4f}, originals {old['mean']:.4f}" in flat
    assert f"| generated (20) | {new['best']:.4f} |" in text
    assert "That it be clearly below is reached." in flat  # of what is far from all originals
    assert max(len(line) for line in text.splitlines() if line[:1] not in "|!") <= 120
    page = PAGE.read_text("utf-8")
    again = replaced(replaced(page, text), text)
    assert again.count(text) == 1 and again.endswith(page[-200:])
    with pytest.raises(ValueError, match="substring"):
        replaced("no marks", text)


@pytest.mark.parametrize(
    ("interval", "told"),
    [([0.1, 0.2], "Reached: they are better"), ([-0.1, 0.2], "within the interval"), ([-0.2, -0.1], "Missed")],
)
def test_a_bar_is_told_whichever_way_it_came(interval, told):
    keys = "mean_beyond_original_interval", "best_confirmed_beyond_original_interval"
    for key in keys:
        assert told in in_one_line(measured(of_templates(**{key: interval}), None, None))


def test_without_copies_and_with_different_counts():
    report = of_templates(best_confirmed_beyond_original=None) | {"novelty": None}
    text = measured(report, None, None)
    assert "No copies.** Not measured" in text and "of different counts: not compared." in text


def test_what_ablations_say_is_told():
    report = of_templates()
    noise = report["ablations"]["noise 0.1"]
    noise["mean_beyond_original_interval"] = [-0.2, 0.1]
    assert "No ablation is clearly worse" in in_one_line(measured(report, None, None))
    noise["mean_beyond_original_interval"] = [-0.2, -0.1]
    assert "than the originals are noise 0.1, which are all ablations." in in_one_line(measured(report, None, None))


def test_shares_of_what_calibration_recovers():
    report = of_chips(generated=(0.04, 0.01), calibrated_64=(0.05, 0.01))
    new = report["methods"]["generated"]
    low, high = new["share_of_calibrated_interval"]
    assert low < 0.8 < high and high - low < 0.2
    # the ratio of the means of gains that vary by themselves, 0.01 each: by the delta method
    share, gain = new["share_of_calibrated"], report["methods"][REFERENCE]["gain"]
    assert share == pytest.approx(new["gain"] / gain)
    deviation = 0.01 / np.sqrt(40) / gain * np.sqrt(1 + share**2)
    assert (high - low) / 2 == pytest.approx(1.96 * deviation, rel=0.25)
    assert new["time_of_calibrated"] == pytest.approx(0.04)  # 0.02 s, the median, of 0.5 s
    text = in_one_line(measured(of_templates(), report, None))
    assert f"{new['share_of_calibrated']:.0%} ({low:.0%} to {high:.0%}): reached." in text
    assert "0.04 of it: missed by a factor of 4." in text


@pytest.mark.parametrize(
    ("generated", "calibrated", "told"),
    [
        ((0.01, 0.01), (0.05, 0.01), ": missed."),
        ((-0.02, 0.01), (0.05, 0.01), "%): missed."),
        ((0.025, 0.02), (0.05, 0.02), ": open, as the interval"),
        ((0.02, 0.01), (0.0, 0.05), "Cannot be told: what calibration recovers"),
    ],
)
def test_what_of_chips_is_told(generated, calibrated, told):
    report = of_chips(generated=generated, calibrated_64=calibrated)
    text = in_one_line(measured(of_templates(), report, None))
    assert told in text and "recover ." not in text and "None" not in text
