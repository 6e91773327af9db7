"""docs/continuous-layers.md: its specs build, its code runs, its table is what the script measures."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
import torch
import yaml

from cellnn.diffusion.continuous.memory import adjoint_memory
from cellnn.diffusion.continuous.solver import ADAPTIVE, FIXED
from cellnn.diffusion.networks import NetworkSpec
from cellnn.diffusion.training.read_config import read_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "continuous-layers.md").read_text(encoding="utf-8")


def test_the_specs_of_the_page_are_those_of_the_examples():
    given = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    for spec, name in zip(given, ("continuous-unet", "unet"), strict=True):
        example = read_config(ROOT / "examples" / f"train-mnist-{name}.yaml").config.network
        assert NetworkSpec.model_validate(spec) == example


def test_all_methods_are_named():
    rows = re.findall(r"^\| `(.*?)` \| `(steps|rtol)", PAGE, re.MULTILINE)
    assert [set(names.split("`, `")) for names, _ in rows] == [set(FIXED), set(ADAPTIVE)]


def test_the_python_of_the_page_runs(tmp_path):
    (tmp_path / "page.py").write_text("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)))
    with torch.random.fork_rng():
        names = runpy.run_path(str(tmp_path / "page.py"))
    assert names["accurate"].shape == (4, 1, 28, 28) and names["evaluations"].total > 0


def test_the_table_is_measured():
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) MiB \| ([\d.]+) MiB \| (\S+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 5
    measured = adjoint_memory([int(row[0]) for row in rows[:3]])
    for (_, direct, adjoint, apart), found in zip(rows[:3], measured, strict=True):
        assert float(direct) == pytest.approx(found["direct_bytes"] / 2**20, abs=0.01)
        assert float(adjoint) == pytest.approx(found["adjoint_bytes"] / 2**20, abs=0.01)
        assert float(apart) == pytest.approx(found["gradient_difference"], rel=0.05)
