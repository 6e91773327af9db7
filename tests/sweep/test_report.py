"""The report of a study whose values are given: its figures against NumPy, its pictures, its page."""

import json

import numpy as np
import pytest
from scipy import stats

from cellnn.sweep.engine import Tally
from cellnn.sweep.report import lines, report_of, took, write_report
from cellnn.sweep.run import Finished, coordinates
from cellnn.sweep.study import read_study


@pytest.fixture
def finished(study, write_study, tmp_path):
    """Two cases of 50 chips; two points of the second have no value."""
    study |= {
        "vary": {"cell.C": {"list": ["1nF", "2nF"]}, "chips": {"count": 50}},
        "specification": {"error_rms": {"below": 1.5}, "output_mean": {"above": 0.0}},
        "reduce": ["mean", "quantiles", "all"],
    }
    values = np.random.default_rng(0).normal(1.0, 0.5, (100, 2))
    values[[60, 61]] = np.nan
    failures = ["it ran away" if k in (60, 61) else "" for k in range(100)]
    return Finished(read_study(write_study(study)), Tally(100, 100, ended=0.0), values, failures, tmp_path)


def test_figures_are_those_of_the_values(finished):
    content, values = report_of(finished), finished.values
    assert content["points"] == 100 and [one["point"] for one in content["failed"]] == [60, 61]
    for k, case in enumerate(content["cases"]):
        part = values[50 * k : 50 * k + 50]
        found = case["distributions"]["error_rms"]
        assert case["where"] == {"cell.C": ["1nF", "2nF"][k]} and found["count"] == 50 - 2 * k
        assert found["mean"] == pytest.approx(np.nanmean(part[:, 0])) and "std" not in found
        assert found["quantiles"]["0.95"] == pytest.approx(np.nanquantile(part[:, 0], 0.95))
        assert found["values"][:5] == pytest.approx(part[:5, 0])
        met = int(np.sum((part[:, 0] < 1.5) & (part[:, 1] > 0)))
        share = case["yield"]["of_all"]
        assert (share["met"], share["count"]) == (met, 50)
        assert share["low"] == pytest.approx(stats.beta.ppf(0.025, met, 51 - met))
    assert content["cases"][1]["distributions"]["error_rms"]["values"][10] is None
    assert any("cell.C 2nF: yield" in line for line in lines(content)) and took(finished)["points_computed"] == 0


def test_pictures_and_page_are_written(finished, tmp_path):
    written = write_report(finished, tmp_path)
    assert [path.name for path in written] == ["report.json", "distributions.png", "report.html"]
    assert json.loads((tmp_path / "report.json").read_text())["points"] == 100
    page = (tmp_path / "report.html").read_text()
    assert "cell.C = 2nF" in page and "2 of 100 points failed" in page and "distributions.png" in page
    assert (tmp_path / "distributions.png").read_bytes()[:4] == b"\x89PNG"


def test_coordinates_are_those_of_every_point(finished):
    found, points = coordinates(finished.study), finished.study.points
    assert [bytes(row).rstrip(b"\0").decode() for row in found["cell.C"]] == [
        points.at(k)["cell.C"] for k in range(100)
    ]
    assert found["seed.noise"].tolist() == [points.at(k)["seed.noise"] for k in range(100)]


def test_bins_of_values_in_equal_steps_hold_as_many_each():
    """Shares of 784 cells: a bin between two of them would be empty, and look like a gap in the distribution."""
    from cellnn.plots.sweep import _edges

    shares = np.array([*range(760, 778), 780, 784]) / 784
    for count in (5, 15, 60):
        inside = np.histogram(np.arange(760, 785) / 784, _edges(shares, count))[0]
        assert inside.sum() == 25 and len(inside) <= count + 1
        assert len(set(inside[:-1])) == 1, "the last bin may reach beyond the largest"
    smooth = np.random.default_rng(0).normal(size=100)
    assert np.array_equal(_edges(smooth, 9), np.linspace(smooth.min(), smooth.max(), 10))
