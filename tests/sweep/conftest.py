"""A study of small plain arrays, whose chips take milliseconds."""

import copy

import pytest
import yaml

BASE = {
    "cellnn": 1,
    "grid": {"rows": 5, "columns": 6},
    "cell": {"circuit": "chua-yang"},
    "layers": [{"name": "edges", "template": "EDGE"}],
    "input": [[1, 1, 1, 1, 1, 1], [1, -1, -1, 1, 1, 1], [1, -1, -1, -1, 1, 1], [1, 1, -1, -1, 1, 1], [1] * 6],
    "run": {"stop": "5us", "rtol": 1e-4, "atol": 1e-6, "save": 3},
    "hardware": {"mismatch": {"weights": "5%"}},
}
STUDY = {
    "study": 1,
    "name": "edges on many chips",
    "spec": BASE,
    "vary": {"chips": {"count": 12}},
    "measures": ["error_rms", "output_mean"],
}


@pytest.fixture
def study():
    """A study to change."""
    return copy.deepcopy(STUDY)


@pytest.fixture
def write_study(tmp_path):
    """Write a study to study.yaml in an empty folder."""

    def write(content):
        path = tmp_path / "study.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return path

    return write


def tree(folder):
    """Every file below a folder, by name, as bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
