"""The whole script on tiny real runs: what it measures, keeps and writes."""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cellnn.devices import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures.evaluation import evaluate_images
from cellnn.diffusion.networks import multiply_adds
from cellnn.diffusion.study_continuous.findings import study
from cellnn.diffusion.study_continuous.page import page
from cellnn.diffusion.study_continuous.settings import Settings, checked
from cellnn.diffusion.study_continuous.subject import comparable, find_subject
from cellnn.diffusion.training import load_run, read_config, train

from ..training.conftest import CONFIG, one_thread

__all__ = ["one_thread"]
NETWORKS = {
    "unet": {"block": "residual", "channels": [8], "depth": 1, "attention": [8], "embedding": 8},
    "continuous": {
        "block": "second-order", "channels": [8], "solver": {"method": "midpoint", "steps": 1}, "embedding": 8,
    },
}  # fmt: skip
SETTINGS = Settings(
    samples=100, curve_samples=100, restored=4, timed=2, rounds=2, threads=1, batch=100, levels=(0.5, 0.9),
    sde_steps=(2, 4), flow_steps=(2,), tolerances=(0.1,), memory_steps=(1, 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    for name, network in NETWORKS.items():
        config = copy.deepcopy(CONFIG) | {"name": name, "network": network}
        config["training"] |= {"steps": 4, "checkpoint_every": 4, "snapshot_every": 0, "evaluate_every": 4, "warmup": 1}
        train(read_config(config), root / name)
    return root


@pytest.fixture(scope="module")
def measured(runs, tmp_path_factory):
    """The study, its cache, and what it told."""
    cache, notes = tmp_path_factory.mktemp("cache"), []
    subjects = [find_subject(runs / name) for name in NETWORKS]
    return study(*subjects, SETTINGS, cache, None, notes.append), cache, notes


def test_figures_are_those_of_the_tools_they_come_from(measured, runs):
    found, _, _ = measured
    for name, each in zip(NETWORKS, (found.baseline, found.continuous), strict=True):
        model = load_run(runs / name)
        assert each.name == name and each.parameters == model.about["parameters"]
        assert each.multiply_adds == multiply_adds(model.network, model.picture)
        images = model.sample(100, 0, batch=100).numpy()
        report = evaluate_images(images, load_images("digits"), None).as_dict()
        assert each.distance.value == pytest.approx(report["figures"]["frechet"]["value"], rel=1e-9)
        assert each.evaluations == 3 and np.allclose(each.pictures, images[:20], atol=1e-3)
        assert each.distance.low < each.distance.value < each.distance.high
        asked = [point.evaluations for point in each.curve]
        assert asked[:3] == [2, 4, 2] and asked[3] > 10
        assert [point.seconds for point in each.curve] == [n * float(np.median(each.evaluation)) for n in asked]
        assert len(each.restoration["levels"]) == 8 and len(each.restoration["levels"][0]["each"]["ssim"]) == 4


def test_a_second_study_measures_nothing_and_writes_the_same(measured, runs):
    found, cache, told = measured
    assert len(told) == 13  # of each network four ways to sample, the compared samples, the restoration; the times
    notes = []
    again = study(*[find_subject(runs / name) for name in NETWORKS], SETTINGS, cache, None, notes.append)
    assert notes == [] and page(again, "images", "x") == page(found, "images", "x")
    damaged = next(cache.glob("unet-samples-*.json"))
    before = json.loads(damaged.read_text())
    damaged.write_text("{")
    study(*[find_subject(runs / name) for name in NETWORKS], SETTINGS, cache, None, notes.append)
    assert len(notes) == 1 and json.loads(damaged.read_text()) == before


def test_what_differs_beside_the_network_is_told(runs):
    one, other = (find_subject(runs / name) for name in NETWORKS)
    assert comparable(one, other) == []
    process = other.model.config.process.model_copy(update={"prediction": "eps"})
    object.__setattr__(other.model, "config", other.model.config.model_copy(update={"process": process}))
    assert comparable(one, other) == ["process.prediction is v in unet and eps in continuous."]
    with pytest.raises(InputError, match="a model of digits"):
        comparable(one, find_subject("mnist-conv"))


@pytest.fixture
def script(monkeypatch, capsys):
    """Call examples/continuous_study.py in this process: (exit status, stdout, stderr)."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "examples"))
    import continuous_study

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["continuous_study.py", *map(str, words)])
        status = continuous_study.main()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_the_script_writes_the_page_and_its_pictures(script, measured, runs, tmp_path, monkeypatch):
    import cellnn.diffusion.study_continuous.settings as settings

    monkeypatch.setattr(settings, "Settings", lambda **chosen: SETTINGS)
    words = ("--baseline", runs / "unet", "--continuous", runs / "continuous", "--cache", measured[1])
    status, out, err = script(*words, "-o", tmp_path / "page.md")
    assert (status, err) == (0, "") and str(tmp_path / "page.md") in out
    text = (tmp_path / "page.md").read_text()
    for part in ("2310.20092", "| parameters |", "Multiply-adds of one evaluation", "--baseline unet --continuous"):
        assert part in text
    assert str(runs) not in text and "No network is told the class." in text
    for name in ("samplers", "restored", "samples", "memory"):
        assert f"images/continuous-{name}.png" in text
        assert np.asarray(Image.open(tmp_path / "images" / f"continuous-{name}.png").convert("L")).std() > 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--baseline", "mnist-unett"], "the folder of a run, or the name of a shipped model"),
        (["--samples", "50"], "samples: got 50; expected 100 or more"),
        (["--rounds", "0"], "rounds: got 0; expected at least 1"),
        (["-o", "no/where.md"], "in a folder that exists"),
    ],
)
def test_input_at_fault(script, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = script(*words)
    assert (status, out) == (2, "") and err.startswith("error: ") and message in err
    assert list(tmp_path.iterdir()) == []


def test_settings_that_say_nothing_are_refused():
    with pytest.raises(InputError, match="restored: got 1; expected at least 2"):
        checked(Settings(restored=1))
