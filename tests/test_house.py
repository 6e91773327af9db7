"""The house rules: imports one way, what the README shows runs, nothing slow is imported at the start."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ["devices", "circuits", "simulator", "netlists", "diffusion"]
SOURCES = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    """A module imports from its own floor and those below, by relative imports."""
    depth = len(path.relative_to(ROOT).parts) - 1
    here = FLOORS.index(path.relative_to(ROOT).parts[0])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level > depth:
            assert node.level == depth + 1, f"line {node.lineno} reaches out of the package"
            assert node.module, f"line {node.lineno} imports the front door"
            assert FLOORS.index(node.module.split(".")[0]) <= here, f"line {node.lineno} imports upwards"
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module)
        assert not any(name.split(".")[0] == "cellnn" for name in names), f"line {node.lineno}: not relative"


def test_the_python_example_of_the_readme_runs(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    run = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "0.2" in run.stdout and "-0.2" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_spec_of_the_readme_runs(tmp_path, cellnn_command):
    text = (ROOT / "README.md").read_text()
    block = re.search(r"    # spec\.yaml\n(.*?)\n\n    source", text, re.S)[1]
    (tmp_path / "spec.yaml").write_text(re.sub(r"(?m)^    ", "", block))
    assert cellnn_command("simulate", tmp_path / "spec.yaml", "-o", tmp_path / "edges.nc").status == 0


EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_loads(path):
    if path.name.startswith("train-"):
        from cellnn.diffusion.training import read_config

        assert read_config(path).text == path.read_text()
        return
    if path.name.startswith(("collect-", "parameters-")):
        from cellnn.diffusion.parameters.collect import read_collect_config
        from cellnn.diffusion.parameters.latents import read_parameters_config

        read = read_collect_config if path.name.startswith("collect-") else read_parameters_config
        assert read(path).text == path.read_text()
        return
    if path.name.startswith("hardware-"):
        from cellnn.diffusion.deployment.hardware_file import read_hardware

        assert read_hardware(path).text == path.read_text()
        return
    if path.name.startswith("sweep-"):
        from cellnn.sweep.study import read_study

        assert read_study(path).text == path.read_text()
        return
    import cellnn

    assert cellnn.load(path).notes == ()


def test_the_noisy_digit_is_what_its_script_makes():
    import numpy as np
    from PIL import Image

    sys.path.insert(0, str(ROOT / "examples"))
    try:
        from noisy_copy import noisy_copy
    finally:
        sys.path.pop(0)
    assert np.array_equal(np.asarray(Image.open(ROOT / "examples" / "noisy-digit.png")), noisy_copy())


def test_importing_cellnn_is_light():
    """`import cellnn` and the command line start without what takes long to import."""
    code = (
        "import sys, cellnn.cli.app; print([m for m in ('torch', 'sympy', 'matplotlib', 'numba') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_second_simulation_starts_from_the_cache_without_sympy_or_torch(spec, tmp_path):
    import yaml

    (tmp_path / "spec.yaml").write_text(yaml.safe_dump(spec))
    code = (
        "import sys, cellnn; cellnn.simulate(cellnn.load('spec.yaml'));"
        "print([m for m in ('torch', 'sympy', 'matplotlib') if m in sys.modules])"
    )
    for _ in range(2):
        run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
