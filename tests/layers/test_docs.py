"""docs/layers.md, the READMEs of layers and networks: their code runs, ngspice agrees with their spec."""

import re
import runpy
from pathlib import Path

import pytest
import torch

from cellnn.circuits.outputs import OUTPUT_STAGES
from cellnn.circuits.spec.yaml_file import parse_yaml
from cellnn.diffusion import layers
from cellnn.diffusion.layers import Adaptive, CellNN, FixedSteps, MCellNN
from cellnn.diffusion.layers.integration import EXPLICIT
from cellnn.diffusion.networks import NetworkSpec

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
README = (ROOT / "diffusion" / "layers" / "README.md").read_text(encoding="utf-8")


def python_of(text):
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The folder in which the page's Python has run, and the names it left."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "page.py").write_text(python_of(PAGE))
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        patch.chdir(folder)
        return folder, runpy.run_path(str(folder / "page.py"))


def test_the_python_of_the_page_runs(ran):
    names = ran[1]
    assert names["s"].shape == (3, 16, 2, 6, 6) and float(names["error"]) < 1e-4
    assert names["taox"].dynamics.quantities.get_parameter("x0").grad.any()
    assert names["expected"].abs().max() > 0.1


def test_the_python_of_the_readme_runs(tmp_path):
    (tmp_path / "page.py").write_text(python_of(README))
    names = runpy.run_path(str(tmp_path / "page.py"))
    assert names["y"].shape == (2, 32, 12, 12) and torch.isfinite(names["y"]).all()


def test_the_commands_of_the_page(ran, cellnn_command, monkeypatch):
    monkeypatch.chdir(ran[0])
    commands = re.findall(r"^    cellnn (.*layer\.yaml.*)$", PAGE, re.M)
    assert [line.split()[0] for line in commands] == ["simulate", "crosscheck"]
    for line in commands:
        result = cellnn_command(*line.split())
        assert result.status == 0, result.err
    assert "agree: measure" in result.out


def test_the_plan_of_the_page_is_that_of_the_example():
    (line,) = re.findall(r"^    (integration: .*)$", PAGE, re.M)
    plan = parse_yaml(line)["integration"]
    example = parse_yaml((ROOT / "examples" / "train-mnist-cellnn.yaml").read_text())["network"]
    assert example["integration"] == plan
    assert NetworkSpec.model_validate({**example, "integration": plan}).integration[-1].until == 1.0


def test_everything_public_and_every_choice_is_named():
    for name in set(layers.__all__) - {"Integration"}:
        assert re.search(rf"\b{name}\b", PAGE), name
    for name in EXPLICIT:
        assert f"`{name}`" in PAGE or f'"{name}"' in PAGE, name
    for stage in OUTPUT_STAGES.values():
        assert f"`{stage.__name__}(leak=0.0)`" in PAGE
    for how in (FixedSteps(), Adaptive()):
        shown = f'`{type(how).__name__}("{how.method}", '
        assert shown in PAGE
    assert f"{Adaptive().rtol:g}".replace("e-0", "e-") in PAGE


@pytest.mark.parametrize("kind, states, C", [(CellNN, 1, False), (MCellNN, 2, False), (MCellNN, 2, True)])
def test_what_is_kept_is_what_the_page_says(kind, states, C):
    n, steps, stages = 4, 3, EXPLICIT["rk4"].stages
    layer = kind(2, 2, integration=FixedSteps("rk4", steps), trainable=("C",) if C else ())
    feed = torch.zeros(n, 2, 16, 16).requires_grad_()
    kept = 0

    def pack(tensor):
        nonlocal kept
        kept += tensor.numel() * tensor.itemsize
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        layer.dynamics(feed)
    cells, drives = feed.numel(), steps * stages if C else 0
    said = cells * (4 * ((steps * stages + 1) * states + drives) + (steps if states > 1 else 0))
    with_feed_and_A = said + 4 * (cells + layer.dynamics.A.numel())
    # in the trained C's way there are its own few tensors, a number for each channel
    assert with_feed_and_A <= kept <= with_feed_and_A + 200
    with torch.no_grad(), torch.autograd.graph.saved_tensors_hooks(lambda tensor: pytest.fail("kept"), lambda t: t):
        layer.dynamics(feed)


def test_the_example_of_memory():
    said = re.search(r"of `rk4` on a plain array of 32 channels, 28 x 28, batch 64 keep 9 states, (\d+) MB", PAGE)
    assert int(said[1]) == round(9 * 32 * 28 * 28 * 64 * 4 / 1e6)


def test_the_python_of_the_readme_of_networks_runs(tmp_path):
    text = (ROOT / "diffusion" / "networks" / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    (tmp_path / "page.py").write_text(code)
    with torch.random.fork_rng():
        names = runpy.run_path(str(tmp_path / "page.py"))
    assert names["prediction"].shape == names["x"].shape
