"""`cellnn parameters`: files, summaries, and bad command lines."""

from __future__ import annotations

import json

import pytest
import torch

from cellnn.diffusion.parameters.vectors import Collection, Layout, read_collection

from .small import collect_config, model_config


def test_from_the_config_to_generated_templates(cellnn_command, tmp_path):
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
    result = cellnn_command("parameters", "evaluate", run, "-n", 2, "--ablations", "none", "--json", report)
    assert result.status == 0 and "generated (2)" in result.out
    keys = {"mean", "best", "worst"}
    found = json.loads(report.read_text())
    assert keys <= set(found["original"]) and keys <= set(found["generated"])
    result = cellnn_command("parameters", "generate", run, "--chip", 3, "-o", new)
    assert result.status == 2 and "a model trained for chips" in result.err


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
