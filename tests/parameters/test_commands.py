"""`cellnn parameters`: files, summaries, and bad command lines."""

from __future__ import annotations

import json
import signal

import pytest
import torch

from cellnn.diffusion.parameters.chips.collect import ChipSeries
from cellnn.diffusion.parameters.vectors import Collection, Layout, read_collection

from .small import collect_config, model_config


def test_from_the_config_to_generated_templates(cellnn_command, tmp_path, monkeypatch):
    config, kept, run, new = (tmp_path / name for name in ("c.yaml", "c.safetensors", "run", "n.safetensors"))
    config.write_text(json.dumps(collect_config()))
    result = cellnn_command("parameters", "collect", config, "-o", kept, "--json")
    assert result.status == 0 and json.loads(result.out)["checkpoints"] == 12
    changes = {"training": {"steps": 20}, "latent": {"training": {"steps": 20}}}
    config.write_text(json.dumps(model_config(str(kept), **changes)))
    assert cellnn_command("parameters", "train", config, "-o", run).status == 0
    result = cellnn_command("parameters", "generate", run, "-n", 3, "--seed", 2, "-o", new)
    assert (result.status, result.out) == (0, f"3 x 118 parameters, seed 2: {new}\n")
    first, _ = read_collection(new)
    assert first.vectors.shape == (3, 118) and first.about["generated"]["seed"] == 2
    assert set(first.base) == set(read_collection(kept)[0].base)  # usable without the model
    cellnn_command("parameters", "generate", run, "-n", 1, "--seed", 2, "-o", new)
    assert torch.equal(read_collection(new)[0].vectors, first.vectors[:1])
    report = tmp_path / "r.json"
    monkeypatch.setattr("cellnn.cli.now_and_then.QUIET", 0.0)
    result = cellnn_command("parameters", "evaluate", run, "-n", 2, "--ablations", "none", "--json", report)
    assert result.status == 0 and "generated (2)" in result.out
    assert {"original: 100%", "generated: 50%", "generated: 100%"} <= set(result.err.splitlines())
    keys = {"mean", "best", "worst"}
    found = json.loads(report.read_text())
    assert keys <= set(found["original"]) and keys <= set(found["generated"])
    result = cellnn_command("parameters", "generate", run, "--chip", 3, "-o", new)
    assert result.status == 2 and "a model trained for chips" in result.err
    result = cellnn_command("parameters", "generate", run, "--folder", tmp_path, "-o", new)
    assert result.status == 2 and "--folder" in result.err and "no folder without --chip" in result.err


def test_a_collection_of_chips_stops_and_goes_on(cellnn_command, tmp_path, monkeypatch):
    """With chips, not steps, told of; where there is no terminal in lines."""
    config, base, chips = tmp_path / "c.yaml", tmp_path / "base.safetensors", tmp_path / "chips.safetensors"
    config.write_text(json.dumps(collect_config(checkpoints=1)))
    assert cellnn_command("parameters", "collect", config, "-o", base).status == 0
    result = cellnn_command("parameters", "collect", config, "-o", base)
    assert result.status == 2 and "--resume goes on with it" in result.err
    spec = {"mismatch": {"gain": {"common": 0.1}}, "steps": 1, "batch": 2, "probes": 2, "at_once": 2}
    names = ["layers.0.gain", "layers.1.gain"]
    changed = collect_config(source={"collected": base.name}, parameters=names, checkpoints=4, chips=spec)
    config.write_text(json.dumps(changed))
    tuned = ChipSeries.tuned

    def interrupted(series, made):
        signal.raise_signal(signal.SIGINT)
        return tuned(series, made)

    command = ("parameters", "collect", config, "-o", chips)
    with monkeypatch.context() as patch:
        patch.setattr("cellnn.cli.now_and_then.QUIET", 0.0)
        patch.setattr(ChipSeries, "tuned", interrupted)
        result = cellnn_command(*command)
    assert result.status == 130 and not chips.exists()
    assert result.err.splitlines()[0] == "chip 2 of 4"
    assert "interrupted after chip 2 of 4; to go on: cellnn parameters collect" in result.err
    result = cellnn_command(*command, "--resume", "--json", "-")
    assert result.status == 0 and json.loads(result.out)["checkpoints"] == 4
    assert cellnn_command(*command, "--resume").out == f"4 checkpoints of 7 numbers: {chips}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("generate", "nosuch", "-o", "x.safetensors"), "shipped model"),
        (("generate", "mnist-cellnn", "-o", "x.npz"), "ends in .safetensors"),
        (("generate", "mnist-cellnn", "-o", "x.safetensors"), "shipped model"),
        (("evaluate", "nosuch", "--ablations", "al"), "did you mean all"),
        (("collect", "nosuch.yaml", "-o", "x.safetensors"), "nosuch.yaml"),
        (("train", "nosuch.yaml", "-o", "run"), "nosuch.yaml"),
    ],
)
def test_bad_command_lines_are_told(cellnn_command, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    result = cellnn_command("parameters", *words)
    assert result.status == 2 and told in result.err and result.out == ""
    assert not list(tmp_path.iterdir())


def test_a_model_without_numbers_that_move_is_told(cellnn_command, tmp_path):
    file, config = tmp_path / "c.safetensors", tmp_path / "m.yaml"
    Collection(Layout({"a": (3,)}), torch.ones(30, 3), {}, {"measure": "accuracy"}).write(file)
    config.write_text(json.dumps(model_config(str(file))))
    result = cellnn_command("parameters", "train", config, "-o", tmp_path / "run")
    assert result.status == 2 and "stand still" in result.err and not (tmp_path / "run").exists()
