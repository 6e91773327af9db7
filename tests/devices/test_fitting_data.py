"""Files of measurements: what is read from good ones, and the one clear error of bad ones."""

from __future__ import annotations

import numpy as np
import pytest

from cellnn.devices import InputError
from cellnn.devices.fitting.measurements import read_measurements

HEADER = "time [s],voltage [V],current [A]\n"


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "data.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_units_order_comments_and_traces(write):
    text = (
        "\ufeff# a comment\n\ntrace; x , Current (uA), VOLTAGE [mV],t[ns], \u00b5-note\n".replace("trace; x ", "trace")
        + "a,1.5,100,0,x\nb,-2,50,5,\na, 2.5 ,200,1e1,\n# between\nb,-3,-50,6,\n"
    )
    data = read_measurements(write(text))
    first, second = data.traces
    assert (first.name, second.name, data.points, data.ignored) == ("a", "b", 4, ("\u00b5-note",))
    np.testing.assert_allclose(first.time, [0, 10e-9], rtol=1e-15)
    np.testing.assert_allclose(first.voltage, [0.1, 0.2], rtol=1e-15)
    np.testing.assert_allclose(first.current, [1.5e-6, 2.5e-6], rtol=1e-15)
    np.testing.assert_allclose(second.current, [-2e-6, -3e-6], rtol=1e-15)
    assert first.x is None


def test_static_currents_have_a_state_or_none(write):
    (trace,) = read_measurements(write("V [V],I [mA],x\n0.1,1,0\n0.2,2,1\n")).traces
    assert trace.time is None and list(trace.x) == [0.0, 1.0] and list(trace.current) == [1e-3, 2e-3]
    (trace,) = read_measurements(write("v [V],i [\u00b5A]\n0.1,1\n0.2,2\n")).traces
    assert trace.time is None and trace.x is None and trace.current[0] == 1e-6


def test_equal_times_are_a_step_of_the_voltage(write):
    (trace,) = read_measurements(write(HEADER + "0,0,0\n0,1,1\n1,1,1\n")).traces
    assert list(trace.time) == [0, 0, 1]


BAD = {
    "empty": ("", "", "the file is empty"),
    "only comments": ("# nothing\n\n", "", "the file is empty"),
    "no numbers": (HEADER, "", "there is none"),
    "no header": ("0,0.1,1e-6\n1,0.2,2e-6\n", ", line 1", "this line holds numbers"),
    "missing column": ("time [s],voltage [V]\n0,1\n1,2\n", ", line 1", "a column `current [A]`"),
    "misspelt column": ("time [s],voltage [V],curent [A]\n0,1,1\n1,1,1\n", ", line 1", "is it 'curent [A]'?"),
    "a column twice": ("time [s],voltage [V],current [A],v [mV]\n0,1,1,1\n", ", line 1", "column 2 is another"),
    "no unit": ("time,voltage [V],current [A]\n0,1,1\n1,1,1\n", ", line 1", "a unit in brackets, such as time [s]"),
    "wrong unit": ("time [s],voltage [A],current [A]\n0,1,1\n", ", line 1", "a unit of voltage, such as [V] or [mV]"),
    "odd prefix": ("time [s],voltage [V],current [qA]\n0,1,1\n", ", line 1", "a unit of current"),
    "x with a unit": ("voltage [V],current [A],x [nm]\n0,1,1\n1,1,1\n", ", line 1", "x without a unit"),
    "semicolons": ("time [s];voltage [V];current [A]\n0;1;1\n", ", line 1", "separated by commas"),
    "NaN": (HEADER + "0,1,1\n1,nan,1\n", ", line 3", "a finite number"),
    "infinity": (HEADER + "0,1,1\n\n1,1,-inf\n", ", line 4", "a finite number"),
    "text in a number": (HEADER + "0,1,1\n# c\n1,1 V,1\n", ", line 4", "'1 V'; expected a number"),
    "an empty cell": (HEADER + "0,1,1\n1,,1\n", ", line 3", "expected a number"),
    "decimal comma": (HEADER + "0,1,1\n1,0,5,1\n", ", line 3", "3 values, as in the header (there are 4)"),
    "a short line": (HEADER + "0,1\n", ", line 2", "3 values, as in the header (there are 2)"),
    "unordered time": (HEADER + "0,1,1\n2,1,1\n1,1,1\n", ", line 4", "a time not before 2 in line 3"),
    "state above 1": ("voltage [V],current [A],x\n0,1,0.5\n1,1,1.5\n", ", line 3", "a state from 0 to 1"),
    "time and x": ("time [s],voltage [V],current [A],x\n0,1,1,0\n1,1,1,0\n", "", "one of the two"),
    "one point": (HEADER + "0,1,1\n", ", line 2", "at least two points"),
    "one point in a trace": (
        "trace,voltage [V],current [A]\na,1,1\na,2,1\nb,1,1\n", ", line 4", "at least two points",
    ),
    "no time passes": (HEADER + "1,1,1\n1,2,1\n", ", line 2", "at least two points"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "", "this one is binary"),
    "other coding": (HEADER.encode() + b"0,1,1\n1,1,1 \xb5\n", "line 3", "text in UTF-8"),
    "an open quote": (HEADER + '0,1,"1\n1,1,1\n', "line ", "comma-separated values"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_error(name, write):
    content, where, fragment = BAD[name]
    path = write(content)
    with pytest.raises(InputError) as caught:
        read_measurements(path)
    text = str(caught.value)
    assert text.startswith(str(path)) and where in text and fragment in text, text
    assert "\n" not in text


def test_files_that_are_none(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match="a readable file"):
            read_measurements(path)
