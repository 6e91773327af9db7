"""`cellnn deploy`: what it leaves, and what it refuses."""

import json

import numpy as np
import pytest
import torch
import yaml

from cellnn.diffusion.measures.classifier import load_classifier
from cellnn.diffusion.training import read_config, train

CONFIG = {
    "cellnn": 1, "name": "tiny", "data": {"name": "digits"},
    "network": {
        "block": "m-cellnn", "channels": [4, 6], "embedding": 8,
        "cell": {
            "circuit": "m-cellnn", "voltage_unit": "50mV", "output": {"kind": "rectifier", "leak": 0.01},
            "memristor": {"model": "strachan-taox", "x0": 0.02},
        },
        "integration": [{"method": "rk4", "steps": 2}],
    },
    "training": {"steps": 4, "batch": 16, "warmup": 0, "evaluate_every": 0},
    "sampling": {"sampler": "dpm-solver++", "steps": 4},
}  # fmt: skip
HARDWARE = {"quantisation": {"bits": 6}, "mismatch": {"weights": "1%", "R": "5%"}, "converters": {"input": {"bits": 8}}}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(read_config(CONFIG), folder)
    return folder


@pytest.fixture
def write_hardware(tmp_path):
    def write(**content):
        path = tmp_path / "hardware.yaml"
        path.write_text(yaml.safe_dump({"cellnn": 1, "name": "test", **content}))
        return path

    return write


def read(folder):
    return json.loads((folder / "report.json").read_text())


def test_ideal_hardware_changes_nothing(run, write_hardware, cellnn_command, tmp_path):
    result = cellnn_command("deploy", run, write_hardware(), "-n", 5, "-o", tmp_path / "report", "--without", "spice")
    assert (result.status, result.err) == (0, "")
    report = read(tmp_path / "report")
    assert report["costs_most"] is None and "quality" not in report
    assert report["similarity"]["least"] > 1 - 1e-6
    assert max(report["blocks"].values()) < 1e-4
    middle = report["mapping"]["middle"]
    assert (middle["inputs"], middle["channels"], middle["rows"]) == (6, 6, 4) and middle["levels"] is None
    assert middle["pairs"] == 2 * 6 * 6 * 9 * 4 * 4 and middle["time_constant"] == pytest.approx(1e-6)
    assert middle["siemens"] == pytest.approx(99e-6 / middle["largest_weight"]), "1 to 100 uS by default"
    with np.load(tmp_path / "report" / "samples.npz", allow_pickle=False) as samples:
        assert samples["images"].shape == (5, 1, 8, 8)
        assert np.abs(samples["images"] - samples["ideal"]).max() < 1e-3
    page = (tmp_path / "report" / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 4 and "src='http" not in page


def test_effects_are_told_apart(run, write_hardware, cellnn_command, tmp_path):
    for name in ("first", "second"):
        made = write_hardware(hardware=HARDWARE)
        result = cellnn_command(
            "deploy", run, made, "-n", 3, "-o", tmp_path / name, "--without", "cost", "--without", "spice"
        )
        assert result.status == 0
    report = read(tmp_path / "first")
    assert read(tmp_path / "second") == report  # same seeds, same bits
    effects = ["quantisation", "mismatch of weights", "mismatch of cells", "converters"]
    kinds = [f"{kind} {name}" for kind in ("only", "all but") for name in effects]
    assert set(report["ablation"]) == {"none", "all", *kinds}
    distances = {name: one["difference"] for name, one in report["ablation"].items()}
    assert distances["none"] == 0.0 and all(
        1e-6 < distances[f"only {name}"] < distances["all"] * 1.5 for name in effects
    )
    assert report["costs_most"] == max(effects, key=lambda name: distances[f"only {name}"])
    assert all(0.0 < one["difference"] < 1.0 for one in report["answers"])


@pytest.mark.parametrize(
    "content, fragment",
    [
        ({"hardware": {"quantisation": {"bits": 1}}}, "line 4: hardware.quantisation.bits: got 1"),
        ({"hardware": {"mismatsh": {}}}, "did you mean mismatch?"),
        ({"integration": {"steps": 0}}, "integration.steps"),
        ({"cellnn": 2}, "cellnn: got 2"),
        ({"hardware": {"mismatch": {"memristor": {"gm": 0.1}}}}, "hardware.mismatch.memristor"),
    ],
)
def test_bad_hardware(run, write_hardware, cellnn_command, tmp_path, content, fragment):
    result = cellnn_command("deploy", run, write_hardware(**content), "-n", 3, "-o", tmp_path / "report")
    assert result.status == 2 and result.err.count("\n") == 1
    assert fragment in result.err
    assert not (tmp_path / "report").exists()


def test_models_and_folders_that_do_not_fit(run, write_hardware, cellnn_command, tmp_path):
    conv = {**CONFIG, "network": {"block": "conv", "channels": [4, 6], "embedding": 8}}
    train(read_config(conv), tmp_path / "conv")
    result = cellnn_command("deploy", tmp_path / "conv", write_hardware(), "-n", 3, "-o", tmp_path / "report")
    assert result.status == 2 and "a network of arrays" in result.err
    result = cellnn_command("deploy", "nothing", write_hardware(), "-n", 3, "-o", tmp_path / "report")
    assert result.status == 2 and "nothing" in result.err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "report.json").write_text("{}")
    result = cellnn_command("deploy", run, write_hardware(), "-n", 3, "-o", tmp_path / "full")
    assert result.status == 2 and "without a report" in result.err
    assert (tmp_path / "full" / "report.json").read_text() == "{}"


def test_a_calibrated_chip_says_what_it_gained(run, write_hardware, cellnn_command, tmp_path):
    made = write_hardware(
        hardware={"mismatch": {"R": "5%", "C": "5%"}},
        calibration={"correct": "cells"},
        ablation={"samples": 100, "pictures": 8},
    )
    options = ("-n", 2, "--steps", 2, "--without", "cost", "--without", "spice")
    result = cellnn_command("deploy", run, made, *options, "-o", tmp_path / "report")
    assert (result.status, result.err) == (0, "")
    report = read(tmp_path / "report")
    assert report["calibration"]["correct"] == "cells" and set(report["calibration"]["blocks"]) == set(report["blocks"])
    assert all(one["after"] < 0.8 * one["before"] for one in report["calibration"]["blocks"].values())
    assert all(len(one["mean"]) == 2 and one["largest_in_all"] < 1e-3 for one in report["memristors"].values())
    low, high = report["ablation"]["all"]["frechet"]["interval"]
    assert 0 < low < report["ablation"]["all"]["frechet"]["value"] < high * 1.5
    page = (tmp_path / "report" / "report.html").read_text()
    assert "output before calibration" in page and "Frechet distance of pictures" in page
    assert report["cost"] is None and report["windows"] == []
    with np.load(tmp_path / "report" / "samples.npz", allow_pickle=False) as samples:
        network = load_classifier("digits").network
        for name, pictures in (("deployed", samples["images"]), ("ideal", samples["ideal"])):
            with torch.no_grad():
                taken = network(torch.from_numpy(pictures)).argmax(1).numpy()
            assert report["recognised"][name] == (taken == samples["labels"]).mean()


@pytest.mark.parametrize("part, fragment", [("spic", "did you mean spice"), ("pictures", "ablation, cost, spice")])
def test_parts_that_are_none(run, write_hardware, cellnn_command, tmp_path, part, fragment):
    result = cellnn_command("deploy", run, write_hardware(), "--without", part, "-o", tmp_path / "report")
    assert result.status == 2 and fragment in result.err and not (tmp_path / "report").exists()


def test_the_analog_sampler_draws_the_pictures(run, write_hardware, cellnn_command, tmp_path):
    options = ("-n", 4, "--steps", 30, *(f"--without={part}" for part in ("ablation", "cost", "spice")))
    found = {}
    for sampler in ("analog", "ddim"):
        report = tmp_path / sampler
        result = cellnn_command("deploy", run, write_hardware(), "--sampler", sampler, *options, "-o", report)
        assert (result.status, result.err) == (0, "") and read(report)["samples"]["sampler"] == sampler
        with np.load(report / "samples.npz", allow_pickle=False) as samples:
            found[sampler] = samples["images"]
    assert 1e-6 < np.abs(found["analog"] - found["ddim"]).mean() < 0.1, "both integrate the same equation"
    result = cellnn_command("deploy", run, write_hardware(), "--sampler", "analogue", "-o", tmp_path / "no")
    assert result.status == 2 and "sampler" in result.err
    result = cellnn_command("deploy", run, write_hardware(), "--sampler", "probability-flow", "-o", tmp_path / "no")
    assert result.status == 2 and "a sampler of fixed steps" in result.err
