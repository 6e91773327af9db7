"""Conclusions from made-up figures: each verdict where it belongs, and only there."""

import numpy as np
import pytest

from cellnn.diffusion.study.quality import Accuracy, Estimate
from cellnn.diffusion.study.sentences import (
    Difference,
    accuracy_sentence,
    claim_sentence,
    frechet_sentence,
    held_out_sentence,
    paired_difference,
    reach_sentence,
)

LOW, MIDDLE, HIGH = (Estimate(v, v - 1, v + 1, 2000) for v in (10.0, 11.5, 15.0))


def test_the_interval_of_a_paired_difference_is_that_of_scipy():
    from scipy.stats import norm

    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(1.0, 0.1, 400), rng.normal(1.1, 0.1, 400)
    found = paired_difference(list(ours), list(theirs))
    difference = ours - theirs
    expected = norm.interval(0.95, difference.mean(), difference.std(ddof=1) / 20)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-4)
    assert found.excludes_zero and not paired_difference(list(ours), list(ours[::-1])).excludes_zero


@pytest.mark.parametrize(
    ("loss", "difference", "verdict"),
    [
        (0.09, Difference(-0.01, -0.012, -0.008), "a's 0.0900 is 10.0% lower (better) than conv's 0.1000"),
        (0.11, Difference(0.01, 0.008, 0.012), "a's 0.1100 is 10.0% higher (worse) than conv's 0.1000"),
        (0.09, Difference(-0.01, -0.03, 0.01), "includes zero: no difference is shown"),
    ],
)
def test_held_out(loss, difference, verdict):
    sentence = held_out_sentence("a", loss, "conv", 0.1, difference)
    assert verdict in sentence
    assert ("no difference" in sentence) != difference.excludes_zero


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        (LOW, HIGH, "a is lower (better)"),
        (HIGH, LOW, "a is higher (worse)"),
        (LOW, MIDDLE, "overlap: no difference is shown"),
        (MIDDLE, LOW, "overlap: no difference is shown"),
        (None, LOW, "no weights from within that time"),
        (Estimate(10.0, 9.0, 11.0, 1000), HIGH, "not compared"),
    ],
)
def test_frechet(ours, theirs, verdict):
    sentence = frechet_sentence("at equal time", "a", ours, "conv", theirs)
    assert sentence.startswith("Frechet distance at equal time") and verdict in sentence
    for other in ("lower (better)", "higher (worse)", "no difference"):
        assert (other in sentence) == (other in verdict)


@pytest.mark.parametrize(
    ("step", "seconds", "verdict"),
    [
        (2000, 50.0, "0.50 times conv's training time: fewer steps, quicker in time"),
        (2000, 150.0, "1.50 times conv's training time: fewer steps, slower in time"),
        (6000, 90.0, "0.90 times conv's training time: not fewer steps, quicker in time"),
        (None, None, "did not reach"),
    ],
)
def test_reach(step, seconds, verdict):
    assert verdict in reach_sentence("a", step, seconds, "conv", 0.1, 6000, 100.0)


@pytest.mark.parametrize(
    ("change", "second", "independent"),
    [(1.001, LOW, True), (0.999, MIDDLE, True), (1.05, LOW, False), (0.95, LOW, False), (1.001, HIGH, False)],
)
def test_dependence_on_the_solver(change, second, independent):
    loss = [0.1, 0.2, 0.3]
    found = Accuracy("dopri5", (loss, [change * value for value in loss]), (LOW, second), 0.01)
    sentence = accuracy_sentence("a", found)
    assert ("does not depend on" in sentence) == independent and f"{change - 1:+.2%}" in sentence


@pytest.mark.parametrize(
    ("ours", "theirs", "quicker", "parts"),
    [
        (LOW, HIGH, True, ("conv is seen here", "training is seen here")),
        (HIGH, LOW, False, ("conv is contradicted here", "training is not seen here.")),
        (LOW, MIDDLE, None, ("conv is not shown here", "training is not seen here (the loss was not reached)")),
    ],
)
def test_the_claims(ours, theirs, quicker, parts):
    assert all(part in claim_sentence("a", "conv", ours, theirs, quicker) for part in parts)
