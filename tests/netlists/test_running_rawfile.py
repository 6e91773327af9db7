"""The raw-file reader against files composed here, byte by byte; and the judgement of logs, line by line."""

import struct
from pathlib import Path

import numpy as np
import pytest

from cellnn.netlists.running.messages import complaint, tail
from cellnn.netlists.running.rawfile import RawFileError, read_raw

NAMES = ["time", "v(a)", "v(b)"]
POINTS = [(0.0, 1.5, -2.0), (1e-9, 0.1, 1e300), (2.5e-9, -0.0, 5e-324)]


def header(flags: str, points: int, names: list[str], form: str, plot: str = "Transient Analysis") -> bytes:
    variables = "".join(f"\t{k}\t{name}\tvoltage\n" for k, name in enumerate(names))
    text = (
        f"Title: a deck: with a colon\nDate: today\nPlotname: {plot}\nFlags: {flags}\nNo. Variables: {len(names)}\n"
        f"No. Points: {points}       \nCommand: ngspice-45.2, Build Sat Sep  5 01:00:10 UTC 2026\n"
        f"Variables:\n{variables}{form}:\n"
    )
    return text.encode()


def binary(points=POINTS, flags="real", **change) -> bytes:
    body = b"".join(struct.pack("<3d", *point) for point in points)
    return header(flags, len(points), NAMES, "Binary", **change) + body


def ascii_form(points=POINTS) -> bytes:
    body = "".join(f"{k}\t\t{point[0]!r}\n\t{point[1]!r}\n\t{point[2]!r}\n\n" for k, point in enumerate(points))
    return header("real", len(points), NAMES, "Values") + body.encode()


def read(tmp_path: Path, data: bytes):
    (tmp_path / "out.raw").write_bytes(data)
    return read_raw(tmp_path / "out.raw")


@pytest.mark.parametrize("data", [binary(), ascii_form(), binary(flags="real unpadded"), binary(flags="real padded")])
def test_values_are_read_bit_for_bit(tmp_path, data):
    (plot,) = read(tmp_path, data)
    assert (plot.title, plot.name, plot.names) == ("a deck: with a colon", "Transient Analysis", tuple(NAMES))
    assert plot.values.flags["C_CONTIGUOUS"] and plot.values.dtype == np.float64
    assert plot.values.tobytes() == np.array(POINTS).T.tobytes()


def test_several_plots_of_both_forms(tmp_path):
    plots = read(
        tmp_path, binary(plot="AC Analysis") + ascii_form() + b"\n" + binary(POINTS[:1], plot="Operating Point")
    )
    assert [(plot.name, plot.values.shape) for plot in plots] == [
        ("AC Analysis", (3, 3)),
        ("Transient Analysis", (3, 3)),
        ("Operating Point", (3, 1)),
    ]


def test_complex_values(tmp_path):
    body = struct.pack("<4d", 1.0, 0.0, 2.0, -3.0)
    (plot,) = read(tmp_path, header("complex", 1, ["frequency", "v(a)"], "Binary") + body)
    assert plot.values.tolist() == [[1.0], [2.0 - 3.0j]]
    (plot,) = read(tmp_path, header("complex", 1, ["frequency", "v(a)"], "Values") + b"0\t1.0,0.0\n\t2.0,-3.0\n")
    assert plot.values.tolist() == [[1.0], [2.0 - 3.0j]]


def test_every_cut_of_a_file_is_noticed(tmp_path):
    """In ascii, what is cut off within the last number cannot be told; a run's end time and status then tell."""
    for data, last in ((binary(), 0), (ascii_form(), len(repr(POINTS[-1][-1])) + 2)):
        for end in range(len(data) - last):
            with pytest.raises(RawFileError):
                read(tmp_path, data[:end])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"No. Variables: 3", b"No. Variables: 4", "announces 4 variables, names 3"),
        (b"No. Variables: 3", b"No. Variables: x", "does not say how many"),
        (b"No. Points: 3", b"No. Points: 0", "header line that is none|within its header"),
        (b"No. Points: 3", b"No. Points: 4", "cut off: 3 of 4 points"),
        (b"No. Points: 3", b"Points: 3", "does not say how many"),
        (b"\t1\tv(a)\tvoltage", b"\t1\tv(a)", "no variable in its line"),
    ],
)
def test_a_header_that_does_not_fit_is_noticed(tmp_path, old, new, message):
    with pytest.raises(RawFileError, match=message):
        read(tmp_path, binary().replace(old, new))


def test_text_that_is_no_number_is_noticed(tmp_path):
    with pytest.raises(RawFileError, match="no number"):
        read(tmp_path, ascii_form().replace(b"1.5", b"one"))
    with pytest.raises(RawFileError, match="not numbered"):
        read(tmp_path, ascii_form().replace(b"\n1\t", b"\n7\t"))


@pytest.mark.parametrize(
    "line",
    [
        "Note: No compatibility mode selected!",
        "Using SPARSE 1.3 as Direct Linear Solver",
        "Note: can't find the initialization file spinit.",
        "Warning: can't find init file.",
        "Warning: can't find the initialization file spinit.",
        "Operating point simulation skipped by 'uic',\n  now using transient initial conditions.",
        "Note: Starting dynamic gmin stepping",
        "Trying gmin =   1.0000E-03 Note: One successful gmin step",
        "Trying gmin =   1.0000E-03 Warning: Further gmin increment",
        "Supplies reduced to   0.1000% Note: One successful source step",
        "Warning: Dynamic gmin stepping failed",
        "Warning: source stepping failed",
        "Note: Transient op finished successfully",
        "Error: Library /usr/lib/ngspice/xtradev.cm couldn't be loaded!",
        "Warning: singular matrix:  check node v1\nNote: Dynamic gmin stepping completed",
        "Error: -11166 out of range for cosh\n    in line b1\nNote: Source stepping completed",
        "Warning: v1: no DC value, transient time 0 value used",
        " Reference value :  1.00000e-05",
    ],
)
def test_harmless_notes_are_no_complaint(line):
    assert complaint("Circuit: the error of singular matrices", line) == ""
    assert complaint(line.replace("Error: ", "") + "\nerror_node     0.1", "") == ""


def test_progress_is_not_part_of_a_complaint():
    abort = 'doAnalyses: TRAN:  Timestep too small; time = 3.84e-07, timestep = 3.9e-21: trouble with node "x"'
    progress = " Reference value :  3.84304e-07 Reference value :  3.84305e-07"
    assert complaint("", progress + abort) == abort
    assert complaint("", f"{progress}\r{progress}{abort}\n") == abort
    assert complaint("", "Supplies reduced to   0.1000% Error: no") == "Error: no"


@pytest.mark.parametrize(
    "line",
    [
        'Too many parameters for subcircuit type "op_amp" (instance: xx0_0_5_3)',
        "Error: unknown subckt: x1 a 0 nothere",
        "unimplemented control card - error",
        "doAnalyses: TRAN:  Timestep too small; time = 1e-19, timestep = 1.25e-20: cause unrecorded.",
        "run simulation(s) aborted",
        "Warning: singular matrix:  check node v1",
        "Note: Dynamic gmin stepping completed\nWarning: singular matrix:  check node v1",
        "Trying gmin =   1.0000E-03 Error: -1 out of range for sqrt",
        "Error: Transient op failed, timestep too small\nNote: Source stepping completed",
        "ERROR: fatal error in ngspice, exit(1)",
        "Undefined parameter [xx]",
        "Warning: unrecognized parameter (foo) - ignored",
        "Warning: 'r1 a 0' is not a valid resistor instance line, ignored!",
        "run simulation not started",
    ],
)
def test_the_rest_is_a_complaint(line):
    assert complaint("", line)


def test_the_tail_of_a_log_is_short():
    log = "\n".join(
        [*(f"line {k}" for k in range(50)), "same", "same", "", "x" * 500, "Total DRAM available = 24105 MB."]
    )
    said = tail(log)
    assert len(said) == 20 and said[-2] == "same" and said[-3] == "line 49"
    assert said[-1] == "x" * 157 + "..."
