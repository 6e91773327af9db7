from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import norm

from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.evaluate import evaluate_parameters
from cellnn.diffusion.parameters.evaluate.ablations import gaussian_latents, retrained
from cellnn.diffusion.parameters.evaluate.groups import Group
from cellnn.diffusion.parameters.evaluate.resampling import halves, shares
from cellnn.diffusion.parameters.evaluate.scores import source_of
from cellnn.diffusion.parameters.evaluate.similarity import (
    between,
    nearest,
    nearest_other,
    overlaps,
    paired,
    within,
)
from cellnn.diffusion.parameters.evaluate.table import table_of
from cellnn.diffusion.parameters.latents import read_parameters_config
from cellnn.diffusion.parameters.latents.data import load_vectors
from cellnn.diffusion.parameters.latents.train import train_parameters
from cellnn.diffusion.parameters.model import load_parameters
from cellnn.diffusion.parameters.vectors import Collection, Layout

from .reports import made_up
from .small import collect_config, model_config


def test_overlaps_are_jaccards_index():
    rng = np.random.default_rng(0)
    a, b = rng.random((4, 30)) < 0.3, rng.random((6, 30)) < 0.5
    expected = 1 - cdist(a, b, "jaccard")
    np.testing.assert_allclose(overlaps(a, b), expected)
    assert between(a, b) == pytest.approx(expected.mean())
    np.testing.assert_array_equal(nearest(a, b), expected.argmax(1))
    own = 1 - cdist(b, b, "jaccard")
    others = own[~np.eye(6, dtype=bool)].reshape(6, 5)
    assert within(b) == pytest.approx(others.mean())
    np.testing.assert_allclose(own[np.arange(6), nearest_other(b)], others.max(1))
    assert within(b[:1]) is None and overlaps(a[:1] & False, b[:1] & False) == 1.0
    # over resampled pictures: those of pictures repeated as often as they were drawn
    counts = rng.multinomial(30, np.full(30, 1 / 30), 3)
    for row, found in zip(counts, paired(a, b[:4], counts / 30), strict=True):
        repeated = [np.repeat(masks, row, axis=1) for masks in (a, b[:4])]
        np.testing.assert_allclose(found, np.diag(overlaps(*repeated)))


def test_intervals_are_those_of_shares():
    scores = np.zeros((1, 2000))
    scores[0, :1900] = 1.0
    low, high = Group.first(scores, "accuracy", 1).plain(shares(2000, 0), halves(2000, 0))["mean_interval"]
    half = 1.96 * np.sqrt(0.95 * 0.05 / 2000)
    assert (high - low) / 2 == pytest.approx(half, rel=0.08)
    assert (high + low) / 2 == pytest.approx(0.95, abs=0.002)


def test_the_confirmed_best_is_what_the_chosen_networks_are_worth():
    """Networks whose accuracies are known: 95 % intervals of the best one's, and of the difference of two groups'
    bests, hold the truth as often as they say; the highest measured lies above it."""
    n, pictures, runs = 12, 800, 150
    skill = np.linspace(0.0, 0.1, 2 * n)  # each recognises what is easier than 1.3 + skill
    truth = norm.cdf(1.3 + skill)
    resampled = shares(pictures, 0, 300)
    held, above, off = np.zeros(2), [], []
    for run in range(runs):
        rng = np.random.default_rng(run)
        difficulty = np.sqrt(0.7) * rng.normal(size=pictures) + np.sqrt(0.3) * rng.normal(size=(2 * n, pictures))
        scores = (difficulty < 1.3 + skill[:, None]).astype(float)
        half = halves(pictures, run)
        groups = [Group.first(scores[k::2], "accuracy", n) for k in range(2)]
        picks = [[group.scores[:, ~part].mean(1).argmax() for part in (half, ~half)] for group in groups]
        worth = [truth[k::2][pick].mean() for k, pick in enumerate(picks)]
        plain, beyond = groups[0].plain(resampled, half), groups[0].beyond(groups[1], resampled, half)
        intervals = plain["best_confirmed_interval"], beyond["best_confirmed_beyond_original_interval"]
        for k, (value, (low, high)) in enumerate(zip((worth[0], worth[0] - worth[1]), intervals, strict=True)):
            held[k] += low <= value <= high
        above.append(plain["best"] - truth[::2].max())
        off.append(plain["best_confirmed"] - worth[0])
    assert (held / runs > 0.89).all()
    assert np.mean(above) > 0.005 > 3 * np.std(off) / np.sqrt(runs) > abs(np.mean(off))


def test_best_is_least_where_the_measure_is_a_loss():
    group = Group.first(np.array([[0.1, 0.3], [0.2, 0.6]]), "loss", 2)
    assert (group.best(), group.worst()) == pytest.approx((0.2, 0.4))
    assert group.confirmed(np.array([True, False])).tolist() == [0.1, 0.3]
    assert group.confirmed(np.array([True, False]), worst=True).tolist() == [0.2, 0.6]


def test_copies_are_told_from_new_ones_whatever_their_number():
    """The nearest of all originals is looked for, however many are generated: what is a copy does not depend on n."""
    few, many = made_up(60, 5), made_up(60, 50)
    for report in (few, many):
        novelty = report["novelty"]
        assert novelty["copies"] == "noise 0.1"
        assert novelty["similarity"]["difference_interval"][1] < 0 < novelty["distance"]["difference_interval"][0]
        # a copy is 0.1 sqrt(400) from its original, two originals are sqrt(2 400) apart
        assert novelty["distance"]["copies"] == pytest.approx(0.1 / np.sqrt(2), rel=0.03)
        assert report["ablations"]["noise 0.1"]["spread"] == pytest.approx(np.sqrt(1.01), rel=0.2)
    for key in ("mean", "nearest_original", "similarity_within", "distance_to_nearest_original", "best_of_all"):
        assert few["original"][key] == many["original"][key]


def test_bests_are_compared_at_an_equal_count():
    report = made_up(20, 50)
    assert report["compared"] == report["generated"]["compared"] == report["original"]["compared"] == 20
    assert report["generated"]["best_beyond_original"] is not None
    assert report["original"]["best"] == report["original"]["best_of_all"]
    group, originals = (Group.first(np.eye(k, 30), "accuracy", 9) for k in (1, 9))
    assert group.beyond(originals, shares(30, 0), halves(30, 0))["best_beyond_original"] is None


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    collect(read_collect_config(collect_config()), folder / "c.safetensors")
    changes = {"training": {"steps": 20}, "latent": {"training": {"steps": 20}}}
    train_parameters(read_parameters_config(model_config(str(folder / "c.safetensors"), **changes)), folder / "run")
    return load_parameters(folder / "run")


def test_a_report_from_collecting_to_the_table(model):
    found = evaluate_parameters(model, 4, seed=1, ablations="quick")
    report = found.report
    assert report["pictures"] == 176 + 100 and report["measure"] == "accuracy"
    assert report["original"]["count"] == 12 and report["generated"]["count"] == report["compared"] == 4
    noises = {"noise 0.1", "noise 0.5", "noise 1"}
    assert set(report["ablations"]) == {"normal latents", "gaussian latents", *noises, "mean of originals"}
    # the accuracy of the last original, from the collection's own base network, which ended with it
    source = source_of(model.collection)
    pictures, labels = source.pictures.test
    with torch.no_grad():
        right = (source.network(pictures).argmax(1) == labels).double().mean()
    assert found.scores["original"][-1].mean() == right
    assert 0 < report["similarity_generated_original"] <= 1
    distances = [report["ablations"][name]["distance_to_nearest_original"] for name in sorted(noises)]
    assert distances == sorted(distances)
    assert "noise 0.5 (4)" in table_of(report)
    again = evaluate_parameters(model, 4, seed=1, ablations="quick").report
    assert again == report


def test_gaussian_latents_have_the_moments_of_the_encoded_originals(model):
    """Those of a sample of n differ by a few sqrt(variance / n)."""
    originals = model.collection.vectors
    latents = model.autoencoder.encode(model.autoencoder.scaling.normalised(originals)).double().detach()
    drawn = gaussian_latents(model, originals, 20_000, 0).double()
    scale = latents.std(0)
    torch.testing.assert_close(drawn.mean(0) / scale, latents.mean(0) / scale, atol=0.03, rtol=0)
    torch.testing.assert_close(drawn.T.cov() / torch.outer(scale, scale), latents.T.corrcoef(), atol=0.05, rtol=0)


def test_fewer_originals_only_where_enough_are_left(model, monkeypatch):
    """hold_out is 10: of 12 originals K = 11 can be learned from, K = 9 and K = 40 cannot."""
    monkeypatch.setattr("cellnn.diffusion.parameters.evaluate.ablations.FEWER", (9, 11, 40))
    assert set(retrained(model, 2, 0)) == {"no latent noise", "K = 11"}


def test_fewer_originals_are_spread_over_the_same_training(tmp_path):
    """Checkpoint k holds the number k: the fewer begin and end with the first and the last, at equal steps."""
    vectors = torch.arange(31.0)[:, None] * torch.tensor([1.0, -1.0])
    Collection(Layout({"a": (2,)}), vectors, {}, {"measure": "accuracy"}, vectors[:, :1]).write(tmp_path / "c.st")
    config = model_config(str(tmp_path / "c.st"), data={"first": 11, "hold_out": 5})
    learned, held_out = load_vectors(read_parameters_config(config))
    assert learned.vectors[:, 0].tolist() == [0, 3, 6, 9, 15, 18, 21, 24, 30]
    assert held_out.vectors[:, 0].tolist() == [12, 27]
    for part in (learned, held_out):
        assert torch.equal(part.conditions, part.vectors[:, :1])
