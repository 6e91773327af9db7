"""docs/training.md: its config is the schema with its defaults, its log the log's columns, its code runs."""

import re
import runpy
from pathlib import Path

import pytest

from cellnn.circuits.spec.yaml_file import parse_yaml
from cellnn.diffusion.training import read_config
from cellnn.diffusion.training.config import LatentStage, TrainingConfig

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
(CONFIG,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_config_of_the_page_has_every_key_with_its_default():
    document = parse_yaml(CONFIG)
    read_config(document)
    assert set(document) == set(TrainingConfig.model_fields)
    for name, section in document.items():
        field = TrainingConfig.model_fields[name]
        if name == "network" or not isinstance(section, dict):
            continue
        model = field.annotation
        assert set(section) == set(model.model_fields), name
        for key, value in section.items():
            default = model.model_fields[key].default
            if not model.model_fields[key].is_required():
                assert value == default, f"{name}.{key}"
    assert document["latent"] == TrainingConfig.model_fields["latent"].default


def test_every_key_of_latent_is_named():
    said = PAGE[PAGE.index("## Latents") :]
    for key in LatentStage.model_fields:
        assert key in said
    (line,) = re.findall(r"^    (latent: .*)$", said, re.M)
    given = LatentStage.model_validate(parse_yaml(line)["latent"])
    assert given == LatentStage()


def test_the_python_of_the_page_runs(tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    text = (ROOT / "examples" / "train-digits.yaml").read_text()
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "train-digits.yaml").write_text(
        re.sub("steps: 800,(.*)warmup: 50", r"steps: 3,\1warmup: 1", text)
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.py").write_text(code)
    names = runpy.run_path(str(tmp_path / "page.py"))
    assert names["pictures"].shape == (40, 1, 8, 8) and names["outcome"].step == 3


@pytest.mark.parametrize("word", ["config.yaml", "log.csv", "model.json", "checkpoints", "snapshots", "samples"])
def test_every_file_of_a_run_is_explained(word, finished):
    assert (finished / word).exists() and f"`{word}" in PAGE
