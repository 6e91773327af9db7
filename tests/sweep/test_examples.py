"""The studies among the examples, and those of the documentation, are valid."""

from pathlib import Path

import pytest

from cellnn.sweep.check import check
from cellnn.sweep.names import OF_CIRCUITS, OF_DEPLOYMENTS
from cellnn.sweep.study import StudySpec, read_study
from cellnn.sweep.work import work_of

ROOT = Path(__file__).parents[2]
STUDIES = sorted((ROOT / "examples").glob("sweep-*.yaml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_an_example_is_a_valid_study(path):
    study = read_study(path)
    work, names = work_of(study)
    assert len(study.points) >= 12
    if work.kind == "circuit":
        assert check(study, work, names)(1e9) >= 1


def test_the_page_names_every_key_and_measure():
    text = (ROOT / "docs" / "sweeps.md").read_text()
    for name in (*StudySpec.model_fields, *OF_CIRCUITS, *OF_DEPLOYMENTS):
        assert f"`{name}`" in text or f"{name}:" in text, name
