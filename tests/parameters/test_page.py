from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellnn.diffusion.parameters.evaluate.groups import Group
from cellnn.diffusion.parameters.page.page import measured, replaced
from cellnn.diffusion.parameters.page.plane import plane_of

PAGE = Path(__file__).parents[2] / "docs" / "parameters.md"


def test_the_plane_is_that_of_the_largest_variances():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 6)) * [5, 0.1, 3, 0.1, 0.1, 0.1] + 2.0
    mean, directions, shares = plane_of(vectors)
    np.testing.assert_allclose(np.abs(directions), np.eye(6)[[0, 2]], atol=0.05)
    covariance = np.linalg.eigvalsh(np.cov(vectors.T))[::-1]
    np.testing.assert_allclose(shares, covariance[:2] / covariance.sum(), rtol=1e-6)
    np.testing.assert_allclose(mean, vectors.mean(0))


def test_the_page_says_what_the_report_does():
    rng = np.random.default_rng(0)
    old, new = (Group((rng.random((5, 300)) < share).astype(float), "accuracy") for share in (0.9, 0.8))
    report = {
        "pictures": 300, "resolution": 1 / 300, "original": old.plain(0, old), "generated": new.plain(0, old),
        "similarity_original_original": 0.5, "similarity_generated_original": 0.25,
        "similarity_generated_generated": 0.125, "similarity_original_nearest_original": 0.625, "ablations": {},
    }  # fmt: skip
    text = measured(report, None, None)
    shift = new.scores.mean() - old.scores.mean()
    assert f"the difference is {shift:+.4f}" in text and shift < -0.05
    assert f"| generated (5) | {new.each.max():.4f} |" in text
    page = PAGE.read_text("utf-8")
    again = replaced(replaced(page, text), text)
    assert again.count(text) == 1 and again.endswith(page[-200:])
    with pytest.raises(ValueError, match="substring"):
        replaced("no marks", text)
