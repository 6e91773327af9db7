"""Sentences of the claims: each is given numbers that fall either way."""

from types import SimpleNamespace

import numpy as np
import pytest

from cellnn.diffusion.study_continuous.claims import (
    NOT_SEEN,
    OPEN,
    SEEN,
    at_most,
    flow_claim,
    frechet_claim,
    memory_claim,
    restoration_claim,
    time_claim,
)
from cellnn.diffusion.study_continuous.findings import Network, Point
from cellnn.diffusion.study_continuous.quality import Distance, Ratio, ratio, ratio_of_medians
from cellnn.diffusion.study_continuous.settings import Run


def distance(value, spread=0.01):
    rng = np.random.default_rng(int(1000 * value))
    return Distance(value, 1000, tuple(value * (1 + spread * rng.standard_normal(300))))


def network(name="net", value=10.0, loss=0.1, parameters=100, curve=()):
    subject = SimpleNamespace(name=name, model=SimpleNamespace(about={"figures": {"held_out_loss": loss}}))
    return Network(subject, parameters, 1000, [], [], distance(value), 20, [], curve, {})


@pytest.mark.parametrize(("share", "verdict"), [(0.243, SEEN), (0.25, SEEN), (0.26, NOT_SEEN)])
def test_counts(share, verdict):
    text = at_most("Parameters", "243", "1,000", share, 0.25, "about a quarter")
    assert verdict in text and f"{share:.3f} of it" in text


@pytest.mark.parametrize(
    ("ours", "verdict"), [([0.5, 0.6, 0.55], SEEN), ([0.9, 1.0, 0.95], NOT_SEEN), ([0.6, 0.8, 0.7], OPEN)]
)
def test_times(ours, verdict):
    found = ratio_of_medians(ours, [1.0, 1.0, 1.0])
    text = time_claim(found, 0.25, 0.7, 2)
    assert verdict in text and "on 2 threads" in text and f"{found.value / 0.25:.2g} times as long" in text
    assert "times as long" not in time_claim(found, found.value, 0.7, 2)


@pytest.mark.parametrize(("value", "verdict"), [(9.0, SEEN), (12.0, NOT_SEEN), (10.5, OPEN)])
def test_frechet(value, verdict):
    ours, theirs = network(value=value, loss=0.12, parameters=24), network()
    text = frechet_claim(ratio(ours.distance, theirs.distance), 1.05, ours, theirs)
    assert verdict in text
    assert ("learned less: held-out loss 0.1200 against 0.1000, with 0.24" in text) == (verdict == NOT_SEEN)


def test_a_worse_distance_with_a_better_loss_is_not_explained_by_the_loss():
    ours, theirs = network(value=12.0, loss=0.09), network()
    assert "It has not learned less by its loss" in frechet_claim(Ratio(1.2, 1.1, 1.3), 1.05, ours, theirs)


def test_the_interval_of_a_ratio_covers_what_a_normal_law_says():
    """Of two with a spread of 3 and 4 %: about 5 % of the ratio."""
    found = ratio(distance(20.0, 0.03), distance(10.0, 0.04))
    assert found.value == 2
    assert (found.high - found.low) / (2 * 1.96 * 2) == pytest.approx(0.05, rel=0.2)


@pytest.mark.parametrize(
    ("near", "like", "verdict", "words"),
    [
        (-0.1, 0.0, SEEN, ("lower (better)", "SSIM comparable")),
        (-0.1, -0.1, NOT_SEEN, ("lower (better)", "SSIM lower")),
        (0.1, 0.1, NOT_SEEN, ("higher (worse)", "SSIM higher")),
        (0.0, 0.0, NOT_SEEN, ("not different", "comparable")),
    ],
)
def test_restoration(near, like, verdict, words):
    noise = 0.01 * np.random.default_rng(0).standard_normal(100)
    noise -= noise.mean()
    base = {"lenet_distance": np.full(100, 0.5), "ssim": np.full(100, 0.5)}
    ours = {"lenet_distance": 0.5 + near + noise, "ssim": 0.5 + like + noise}
    text = restoration_claim(0.9, "flow", ours, base)
    assert text.endswith(f"{verdict}.") and all(word in text for word in words)


def curve(*rows):
    return [Point(Run(sampler, steps), distance(value), steps, 0.1 * steps) for sampler, steps, value in rows]


@pytest.mark.parametrize(
    ("rows", "verdict", "words"),
    [
        ((("dpm-solver++", 10, 10.2), ("reverse-sde", 100, 10)), SEEN, "10 times the evaluations"),
        ((("dpm-solver++", 100, 10.2), ("reverse-sde", 50, 10)), NOT_SEEN, "0.5 times the evaluations"),
        ((("dpm-solver++", 10, 10), ("reverse-sde", 200, 12)), SEEN, "the SDE did not come within"),
        ((("dpm-solver++", 40, 12), ("reverse-sde", 200, 10)), NOT_SEEN, "the flow did not come within"),
        ((("dpm-solver++", 40, 10), ("dpm-solver++", 20, 10.4), ("reverse-sde", 60, 10)), SEEN, "3 times the"),
    ],
)
def test_flow_and_sde(rows, verdict, words):
    text = flow_claim(network(curve=curve(*rows)))
    assert text.endswith(f"{verdict}.") and words in text


@pytest.mark.parametrize(("adjoint", "verdict"), [(1.0, SEEN), (8.0, NOT_SEEN)])
def test_memory(adjoint, verdict):
    rows = [
        {"steps": 1, "direct_bytes": 1e6, "adjoint_bytes": 1e6, "gradient_difference": 1e-2},
        {"steps": 8, "direct_bytes": 8e6, "adjoint_bytes": adjoint * 1e6, "gradient_difference": 1e-4},
    ]
    text = memory_claim(rows)
    assert verdict in text and f"adjoint {adjoint:g} times" in text and "8 times (8 MB)" in text
