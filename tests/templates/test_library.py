"""The library's files, before any of them runs."""

import subprocess
import sys

import pytest

from cellnn.circuits.boundary import Boundary
from cellnn.circuits.library import read_template, template_names
from cellnn.circuits.template import Template
from cellnn.devices import InputError


def test_the_library_is_complete():
    assert len(template_names()) == 37
    assert {"EDGE", "HOLE", "CCD_DIAG", "NOT", "INCREASE"} <= set(template_names())


@pytest.mark.parametrize("name", template_names())
def test_every_entry_is_whole(name):
    entry = read_template(name)
    assert entry.name == name
    Template.of(entry.A, entry.B, entry.z, channels=2, input_channels=1)
    assert set(entry.setting) == {"input", "initial", "boundary"}
    Boundary.parse(entry.setting["boundary"])
    for text in (entry.summary, entry.output, entry.source):
        assert text and text == text.strip()
    assert "\n" not in entry.summary and entry.summary.endswith(".")
    assert entry.suggested_duration(28, 28) > 0


@pytest.mark.parametrize(("name", "hint"), [("EGDE", "EDGE"), ("edge", "EDGE"), ("CCD_HORZ", "CCD_HOR")])
def test_an_unknown_name_is_an_error_with_a_suggestion(name, hint):
    with pytest.raises(InputError) as error:
        read_template(name)
    assert error.value.place == "template"
    assert error.value.hint == f"did you mean {hint}?"


def test_a_path_is_no_name():
    for name in ("../library/EDGE", "", 3, None):
        with pytest.raises(InputError):
            read_template(name)


def test_reading_the_library_is_cheap():
    """`cellnn templates` must answer at once."""
    code = (
        "import sys; from cellnn.circuits.library import read_template; read_template('EDGE');"
        "print([m for m in ('sympy', 'numba', 'torch', 'xarray', 'pandas', 'scipy') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
