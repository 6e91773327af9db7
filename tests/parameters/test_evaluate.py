from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.evaluate import evaluate_parameters
from cellnn.diffusion.parameters.evaluate.groups import Group
from cellnn.diffusion.parameters.evaluate.similarity import between, nearest, nearest_other, overlaps, within
from cellnn.diffusion.parameters.evaluate.table import table_of
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import load_parameters

from .small import collect_config, model_config


def test_overlaps_are_jaccards_index():
    rng = np.random.default_rng(0)
    a, b = rng.random((4, 30)) < 0.3, rng.random((6, 30)) < 0.5
    expected = 1 - cdist(a, b, "jaccard")
    np.testing.assert_allclose(overlaps(a, b), expected)
    assert between(a, b) == pytest.approx(expected.mean())
    np.testing.assert_allclose(nearest(a, b), expected.max(1))
    own = 1 - cdist(b, b, "jaccard")
    others = own[~np.eye(6, dtype=bool)].reshape(6, 5)
    assert within(b) == pytest.approx(others.mean())
    np.testing.assert_allclose(nearest_other(b), others.max(1))
    assert within(b[:1]) is None and overlaps(a[:1] & False, b[:1] & False) == 1.0


def test_intervals_are_those_of_shares():
    scores = np.zeros((1, 2000))
    scores[0, :1900] = 1.0
    group = Group(scores, "accuracy")
    low, high = group.plain(0, group)["mean_interval"]
    half = 1.96 * np.sqrt(0.95 * 0.05 / 2000)
    assert (high - low) / 2 == pytest.approx(half, rel=0.08)
    assert (high + low) / 2 == pytest.approx(0.95, abs=0.002)


def test_best_is_least_where_the_measure_is_a_loss():
    group = Group(np.array([[0.1, 0.3], [0.2, 0.6]]), "loss")
    found = group.plain(0, group)
    assert (found["best"], found["worst"]) == pytest.approx((0.2, 0.4))


def test_a_report_from_collecting_to_the_table(tmp_path):
    collect(read_collect_config(collect_config()), tmp_path / "c.safetensors")
    changes = {"training": {"steps": 20}, "latent": {"training": {"steps": 20}}}
    train_parameters(read_parameters_config(model_config(str(tmp_path / "c.safetensors"), **changes)), tmp_path / "run")
    model = load_parameters(tmp_path / "run")
    found = evaluate_parameters(model, 4, seed=1, ablations="quick")
    report = found.report
    assert report["pictures"] == 176 + 100 and report["measure"] == "accuracy"
    assert report["original"]["count"] == report["generated"]["count"] == 4
    assert set(report["ablations"]) == {"prior", "noise 0.1", "noise 0.5", "noise 1", "mean of originals"}
    # the accuracy of the last original, from the collection's own base network, which ended with it
    from cellnn.diffusion.parameters.evaluate.scores import source_of

    source = source_of(model.collection)
    pictures, labels = source.pictures.test
    with torch.no_grad():
        right = (source.network(pictures).argmax(1) == labels).double().mean()
    assert found.scores["original"][-1].mean() == right
    assert 0 < report["similarity_generated_original"] <= 1
    distances = report["distance_to_nearest_original"]
    assert distances["noise 0.1"] < distances["noise 1"]
    assert "noise 0.5 (4)" in table_of(report)
    again = evaluate_parameters(model, 4, seed=1, ablations="quick").report
    assert again == report
