"""The whole study of tiny real runs: what it measures, what it keeps, what it writes."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures.evaluation import evaluate_images
from cellnn.diffusion.study.configs import config_for, read_templates
from cellnn.diffusion.study.equal_time import equal_time_configs, equal_time_steps
from cellnn.diffusion.study.fairness import inequalities
from cellnn.diffusion.study.figures import held_out_within, reach
from cellnn.diffusion.study.page import page
from cellnn.diffusion.study.quality import held_out_losses
from cellnn.diffusion.study.runs import MissingRunsError, find_runs, train_missing
from cellnn.diffusion.study.study import study_data
from cellnn.diffusion.training import load_run, read_config
from cellnn.diffusion.training.held_out import HeldOut

from .conftest import NETWORKS, SETTINGS, STEPS

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_block_is_there_and_nothing_else_differs(studied):
    study, _ = studied
    assert list(study.blocks) == list(NETWORKS) and study.step == STEPS
    assert study.unequal == [] and study.missing == {}
    assert all(list(each.frechet) == [20, 40] for each in study.blocks.values())
    counts = [each.run.about["parameters"] for each in study.blocks.values()]
    assert max(counts) / min(counts) < 1.02


@pytest.mark.parametrize("block", NETWORKS)
def test_figures_are_those_of_the_tools_they_come_from(studied, runs, block):
    """Samples as `cellnn sample` draws them, measures as `cellnn evaluate` has them, losses as the log has them."""
    study, _ = studied
    each = study.blocks[block]
    trained = load_run(runs / f"digits-{block}")
    labels = np.arange(SETTINGS.samples) % 10
    images = trained.sample(SETTINGS.samples, SETTINGS.seed, labels.tolist(), batch=SETTINGS.batch)
    assert np.array_equal(images[:40].numpy(), each.samples)
    report = evaluate_images(images.numpy(), study.data, study.unseen, labels=labels, seed=0).as_dict()
    for name in ("frechet", "precision", "recall", "confident", "label_agreement"):
        assert each.report["figures"][name]["value"] == report["figures"][name]["value"]
    logged = float((runs / f"digits-{block}" / "log.csv").read_text().splitlines()[-1].split(",")[6])
    device = next(trained.network.parameters()).device
    assert HeldOut(trained.config, study.unseen).loss(trained.network, device) == pytest.approx(logged, rel=1e-6)
    assert np.mean(each.held_out) == pytest.approx(logged, rel=1e-6)
    assert each.run.held_out(STEPS) == logged


def test_weights_of_the_coarse_phase_are_integrated_coarsely(studied):
    """Step 20 of 40 is before the plan changes: only so are its held-out losses those of the log."""
    run = studied[0].blocks["cellnn"].run
    model = run.model(20)
    assert np.mean(held_out_losses(model, studied[0].unseen)) == pytest.approx(run.held_out(20), rel=1e-6)
    model.network.integrate_as_at(1.0)
    assert np.mean(held_out_losses(model, studied[0].unseen)) != pytest.approx(run.held_out(20), rel=1e-4)


def test_an_accurate_integration_changes_little_but_something(studied):
    study, _ = studied
    assert study.base.accuracy is None
    for block in ("cellnn", "m-cellnn"):
        found = study.blocks[block].accuracy
        assert 0 < found.picture_rms < 0.05
        assert found.held_out[0] == study.blocks[block].held_out
        assert found.held_out[1] != found.held_out[0]
        assert found.held_out[1] == pytest.approx(found.held_out[0], rel=0.02)


def test_what_is_reached_and_what_is_within_a_time(studied):
    each = studied[0].blocks["cellnn"]
    losses = {point.step: point.loss for point in each.run.curve}
    assert list(losses) == [10, 20, 30, 40]
    goal = losses[20]
    first = next(step for step, loss in losses.items() if loss <= goal)
    assert (reach(each, goal, 40).step, reach(each, goal, 40).seconds) == (first, each.clock.seconds_at(first))
    assert reach(each, 0.0, 40).step is None and reach(each, goal, first - 1).step is None
    assert held_out_within(each, each.clock.seconds_at(30)) == (30, losses[30])
    assert held_out_within(each, 0.5 * each.clock.seconds_at(10)) is None


def test_a_second_study_computes_nothing_and_finds_the_same(studied, runs):
    study, _ = studied
    notes = []
    again = study_data("digits", runs, SETTINGS, note=notes.append)
    assert notes == ["digits: measuring what a training step costs"]
    assert page([again], [], "images", "x") == page([study], [], "images", "x")


def test_what_is_damaged_or_of_other_settings_is_computed_anew(studied, runs, tmp_path):
    """Only that, and with the same result."""
    copy = tmp_path / "runs"
    shutil.copytree(runs, copy)
    kept = copy / "digits-conv" / "study"
    before = json.loads((kept / "frechet-00000020.json").read_text())
    (kept / "frechet-00000020.json").write_text("{")
    (kept / "samples-00000040.npz").write_bytes(b"PK")
    changed = json.loads((kept / "report-00000040.json").read_text())
    changed["key"]["weights"] = "0" * 64
    (kept / "report-00000040.json").write_text(json.dumps(changed))
    notes = []
    again = study_data("digits", copy, SETTINGS, note=notes.append)
    told = [note.partition(":")[0] for note in notes[1:]]
    assert told == ["digits-conv, step 40", "digits-conv, step 20"]
    assert json.loads((kept / "frechet-00000020.json").read_text()) == before
    assert page([again], [], "images", "x") == page([studied[0]], [], "images", "x")


def test_an_ablation_stands_next_to_its_reference(studied):
    (row,) = studied[0].ablations
    assert (row.name, row.block, row.step) == ("digits-ablation-rectifier", "cellnn", STEPS)
    assert row.reference == "digits-cellnn" and row.planned == (STEPS, STEPS)
    assert row.changes == ("network.cell.output.kind: saturation -> rectifier", "network.cell.output.leak: 0 -> 0.01")
    assert row.reference_loss == studied[0].blocks["cellnn"].run.held_out(STEPS) != row.loss


def test_runs_of_equal_time_are_trained_and_compared(studied, runs, templates, tmp_path):
    copy = tmp_path / "runs"
    shutil.copytree(runs, copy)
    steps = equal_time_steps("digits", copy)
    study, _ = studied
    for block, count in steps.items():
        clock = study.blocks[block].clock
        assert clock.of_steps(count).seconds_at(count) <= 1.02 * study.budget
    configs = {block: config_for(each, "digits") for block, each in read_templates(templates).items()}
    shorter = equal_time_configs(configs, "digits", copy)
    assert {block: source.config.training.steps for block, source in shorter.items()} == steps
    assert train_missing({"cellnn": shorter["cellnn"]}, copy, lambda text: None)
    (copy / "digits-conv" / "study" / "costs.json").write_text("another day's measurement")
    assert equal_time_configs(configs, "digits", copy)["cellnn"].config == shorter["cellnn"].config
    shutil.copy(runs / "digits-conv" / "study" / "costs.json", copy / "digits-conv" / "study")
    again = study_data("digits", copy, SETTINGS)
    assert again.blocks["cellnn"].timely.own_run and not again.blocks["conv"].timely.own_run
    assert again.blocks["cellnn"].timely.step == steps["cellnn"]
    assert f"a run of its own, ended at step {steps['cellnn']}" in page([again], [], "images", "x")


def test_what_differs_beside_the_block_is_said(studied, runs):
    study, _ = studied
    found, _ = find_runs(runs, "digits")
    assert inequalities(found) == []
    cells = found["cellnn"]
    document = cells.source.document
    document["seed"] = {"weights": 7}
    document["training"]["batch"] = 16
    about = {**cells.about, "parameters": round(1.021 * found["conv"].about["parameters"]), "status": "interrupted"}
    changed = replace(cells, source=read_config(document), about=about)
    said = inequalities({**found, "cellnn": changed})
    count = about["parameters"]
    assert said == [
        f"cellnn has {count:,} parameters, +2.1% of conv's 8,954.",
        "cellnn: training.batch is 16, conv's 32.",
        "cellnn: seed.weights is 7, conv's 0.",
        "cellnn has not ended its training: it is at step 40.",
    ]
    text = page([replace(study, unequal=said, missing={"m-cellnn": "not trained"})], [], "images", "x")
    assert "**Missing:** digits-m-cellnn: not trained." in text and all(f"- {line}" in text for line in said)


def test_missing_runs_are_named(runs, tmp_path):
    with pytest.raises(
        MissingRunsError, match="missing: cifar-conv .not trained., cifar-cellnn .* --train trains them"
    ):
        study_data("cifar-10", runs, SETTINGS)
    shutil.copytree(runs / "digits-conv", tmp_path / "digits-conv")
    with pytest.raises(InputError, match="missing: digits-cellnn .not trained., digits-m-cellnn"):
        study_data("digits", tmp_path, SETTINGS)
    shutil.copytree(runs / "digits-conv", tmp_path / "digits-cellnn")
    with pytest.raises(InputError, match="got 'a run of digits with conv blocks'; expected one of digits with cellnn"):
        find_runs(tmp_path, "digits")


def test_the_configs_of_the_examples_are_a_set():
    """Equal in all but the network, and the same for other data."""
    templates = read_templates(EXAMPLES)
    for data, short in (("fashion-mnist", "fashion"), ("cifar-10", "cifar"), ("mnist-5k", "mnist")):
        documents = {}
        for block, template in templates.items():
            config = config_for(template, data).config
            assert config.name == f"{short}-{block}" and config.data.name == data
            of_plans = {"ema_from", "statistics"}  # what a network whose integration changes makes of its average
            documents[block] = config.model_dump(exclude={"name": True, "network": True, "training": of_plans})
        assert documents["conv"] == documents["cellnn"] == documents["m-cellnn"]
    assert config_for(templates["conv"], "mnist-5k").text == (EXAMPLES / "train-mnist-conv.yaml").read_text()


@pytest.fixture
def script(monkeypatch, capsys):
    """Call examples/blocks_study.py in this process: (exit status, stdout, stderr)."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import blocks_study

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["blocks_study.py", *map(str, words)])
        status = blocks_study.main()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_the_script_writes_the_page_and_its_pictures(script, studied, runs, tmp_path):
    few = ("--samples", 140, "--snapshot-samples", 100, "--accurate-samples", 100, "--batch", 140)
    status, out, err = script("--data", "digits", "mnist", "--runs", runs, "--page", tmp_path / "blocks.md", *few)
    assert status == 0 and str(tmp_path / "blocks.md") in out
    assert "mnist is not studied" in err
    text = (tmp_path / "blocks.md").read_text()
    assert "**Not studied:** mnist: missing: mnist-60k-conv (not trained)" in text
    for part in (
        "2410.19798",
        "could not be read",
        "| parameters |",
        "digits-ablation-rectifier",
        "--data digits mnist",
    ):
        assert part in text
    assert str(runs) not in text
    for name in ("blocks-digits-curves.png", "blocks-digits-samples.png"):
        assert f"images/{name}" in text
        assert np.asarray(Image.open(tmp_path / "images" / name).convert("L")).std() > 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "digitz"], "did you mean digits"),
        (["--data", "digits", "--samples", "50"], "samples: got 50; expected 100 or more"),
        (["--data", "digits", "--device", "gpu"], "gpu"),
        (["--data", "digits"], "missing: digits-conv (not trained)"),
        (["--data", "digits", "--train", "--configs", "nowhere"], "train-mnist-conv.yaml"),
        (["--data", "digits", "--page", "no/where.md"], "in a folder that exists"),
    ],
)
def test_input_at_fault(script, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = script("--runs", tmp_path / "runs", "--page", tmp_path / "p.md", *words)
    assert status == 2 and out == ""
    assert err.splitlines()[-1].startswith("error: ") and message in err.splitlines()[-1]
    assert not (tmp_path / "p.md").exists()


def test_data_is_looked_for_in_the_folder(tmp_path):
    """The folder that is given goes into the configs of data from files."""
    source = config_for(read_templates(EXAMPLES)["conv"], "fashion-mnist", tmp_path)
    assert source.data_folder == tmp_path.resolve()
    with pytest.raises(InputError, match="train-images-idx3-ubyte"):
        load_images("fashion-mnist", folder=source.data_folder)
