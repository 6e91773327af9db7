"""`cellnn crosscheck`: it agrees where both are right, and tells every planted fault from an agreement."""

import json
import math
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import cellnn
from cellnn.circuits.own_values import OwnValues

from ..netlists.running_decks import program
from .circuits_to_check import CIRCUITS, picture

REQUIRED = {"rms_normalised", "max_abs_volts", "passed", "cells", "cellnn_seconds", "ngspice_seconds", "speedup"}
SMALL = CIRCUITS["plain"] | {"grid": {"rows": 3, "columns": 4}, "input": picture(3, 4, 1)}


@pytest.fixture
def exported(write_spec, cellnn_command, tmp_path):
    """The spec and its deck, in which `change` replaces one place, as files."""

    def export(spec, change=None):
        path, deck = write_spec(spec), tmp_path / "deck.cir"
        assert cellnn_command("export", path, "-o", deck, "--reltol", "1e-5").status == 0
        if change is not None:
            text, found = re.subn(*change, deck.read_text(), count=1, flags=re.M)
            assert found == 1
            deck.write_text(text)
        return path, deck

    return export


@pytest.mark.parametrize("name", CIRCUITS)
def test_every_kind_of_circuit_agrees(name, write_spec, cellnn_command, tmp_path):
    told, plot = tmp_path / "told.json", tmp_path / "p.png"
    result = cellnn_command("crosscheck", write_spec(CIRCUITS[name]), "--json", told, "--plot", plot)
    assert (result.status, result.err) == (0, "")
    content = json.loads(told.read_text())
    assert content.keys() >= REQUIRED
    assert all(math.isfinite(content[key]) for key in REQUIRED)
    assert content["passed"] is True and 0 < content["rms_normalised"] < 1
    grid, layers = CIRCUITS[name]["grid"], CIRCUITS[name]["layers"]
    assert content["cells"] == grid["rows"] * grid["columns"] * len(layers)
    assert content["speedup"] == pytest.approx(content["ngspice_seconds"] / content["cellnn_seconds"])
    assert result.out == "" or result.out.startswith("agree: ")
    assert plot.read_bytes()[:4] == b"\x89PNG"


def test_the_verdict_is_told_in_words_and_json_goes_to_stdout(write_spec, cellnn_command):
    spec = write_spec(SMALL)
    told = cellnn_command("crosscheck", spec).out
    for fragment in ("agree: measure 0.", "12 cells", "Xyce's", "layer layer0, channel 0, row", "V at most",
                     "cellnn 0.", "ngspice 0.", "version ", "3x4+0+0"):  # fmt: skip
        assert fragment in told
    assert json.loads(cellnn_command("crosscheck", spec, "--json").out)["passed"] is True


def test_the_exported_deck_and_the_other_engine_agree_too(exported, cellnn_command):
    spec, deck = exported(SMALL)
    assert cellnn_command("crosscheck", spec, "--deck", deck).out.startswith("agree: ")
    assert cellnn_command("crosscheck", spec, "--engine", "shared").out.startswith("agree: ")


def test_one_wrong_weight_is_found(exported, cellnn_command, tmp_path):
    """B's middle is 7.9 for 8: the states of cells end 0.1 V away, by the equations C dv/dt = -v/R + drive/R."""
    spec, deck = exported(CIRCUITS["plain"], (r"^(GB_0_1_1 .*)\{8\.0", r"\1{7.9"))
    told, plot = tmp_path / "told.json", tmp_path / "p.png"
    result = cellnn_command("crosscheck", spec, "--deck", deck, "--json", told, "--plot", plot)
    assert (result.status, result.err) == (1, "")
    content = json.loads(told.read_text())
    assert content["passed"] is False and content["rms_normalised"] > 10
    assert content["max_abs_volts"] == pytest.approx(0.1, rel=0.1)
    assert content["ngspice_reltol"] is None
    # 0.1 V weighs the most where the state is smallest, in units of 0.001 |v|
    worst, final = content["worst_cell"], cellnn.simulate(cellnn.load(spec))["layer0"]["state"].values[-1, 0]
    assert abs(final[worst["row"], worst["column"]]) == pytest.approx(np.abs(final).min())
    place = f"layer layer0, channel 0, row {worst['row']}, column {worst['column']}: {worst['variable']}"
    assert place in result.out and result.out.startswith("DISAGREE: ")
    assert plot.read_bytes()[:4] == b"\x89PNG"
    # a looser tolerance lets it pass: the verdict follows the measure
    loose = cellnn_command("crosscheck", spec, "--deck", deck, "--reltol", 0.5, "--abstol", 0.1)
    assert loose.status == 0 and loose.out.startswith("agree: ")


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_cell_with_a_wrong_start_is_the_worst(name, exported, cellnn_command):
    """EDGE's A reaches no neighbour: a cell's start is its own affair."""
    layer = len(CIRCUITS[name]["layers"]) - 1
    unit = 0.2 if name == "taox" else 1.0
    if layer:  # a layer that waits starts from the source that holds it
        change = (rf"^(Vsv_{layer}_0_1_2 .*DC )\S+", rf"\g<1>{0.3 * unit}")
    elif name == "op-amp":  # the integrator's output is -v
        change = (r"^(X0_0_1_2 .*)integrator0=\S+( .*)v0=\S+", r"\1integrator0=-0.3\2v0=0.3")
    else:
        change = (r"^(X0_0_1_2 .*v0=)\S+", rf"\g<1>{0.3 * unit}")
    spec, deck = exported(CIRCUITS[name], change)
    if not layer:  # the deck says it twice: for the first point of the transient, too
        text, found = re.subn(r"v\(v_0_0_1_2\)=\S+", f"v(v_0_0_1_2)={0.3 * unit}", deck.read_text())
        assert found == 1
        deck.write_text(text)
    result = cellnn_command("crosscheck", spec, "--deck", deck)
    assert result.status == 1 and result.out.startswith("DISAGREE: ")
    assert re.search(rf"worst cell +layer layer{layer}, channel 0, row 1, column 2: ", result.out)
    worst = json.loads(cellnn_command("crosscheck", spec, "--deck", deck, "--json").out)["worst_cell"]
    assert (worst["layer"], worst["channel"], worst["row"], worst["column"]) == (f"layer{layer}", 0, 1, 2)


@pytest.mark.parametrize("name", ["plain", "two-layers"])
def test_a_run_cut_short_is_no_run(name, exported, cellnn_command, tmp_path):
    spec, deck = exported(CIRCUITS[name], (r"^\.tran (\S+) \S+", r".tran \1 9e-6"))
    result = cellnn_command("crosscheck", spec, "--deck", deck, "--json", tmp_path / "told.json")
    assert result.status == 1 and result.out == ""
    assert "the transient ended early, at 9e-06 s of " in result.err and "deck and log: " in result.err
    assert not (tmp_path / "told.json").exists()


def test_a_deck_of_another_circuit_is_no_run_of_this_one(exported, write_spec, cellnn_command):
    _, deck = exported(SMALL)
    result = cellnn_command("crosscheck", write_spec(CIRCUITS["plain"]), "--deck", deck)
    assert result.status == 1 and "the transient has no v_0_0_0_4, " in result.err


def test_ngspice_that_crashes_is_told(write_spec, cellnn_command, tmp_path, monkeypatch):
    monkeypatch.setenv("NGSPICE", str(program(tmp_path / "crashing", "os.kill(os.getpid(), signal.SIGSEGV)")))
    result = cellnn_command("crosscheck", write_spec(SMALL), "--json", tmp_path / "told.json")
    assert result.status == 1 and "ngspice died" in result.err
    assert not (tmp_path / "told.json").exists()


def test_results_that_are_wrong_in_ngspice_are_told(write_spec, cellnn_command, tmp_path, monkeypatch):
    """A program that runs every deck with another resistor: no accuracy makes it agree."""
    body = """\
        deck = open("deck.cir").read()
        assert "cell_r=1000.0" in deck
        open("deck.cir", "w").write(deck.replace("cell_r=1000.0", "cell_r=1010.0"))
        run()
    """
    monkeypatch.setenv("NGSPICE", str(program(tmp_path / "other", body)))
    result = cellnn_command("crosscheck", write_spec(SMALL), "--keep", tmp_path / "kept")
    assert result.status == 1 and result.out.startswith("DISAGREE: ")
    assert "note: ngspice agrees with itself at two accuracies, but not with the grid simulator" in result.out
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"deck.cir", "ngspice.log"}


@pytest.mark.parametrize("engine", ["batch", "shared"])
def test_a_missing_ngspice_says_what_to_install(engine, write_spec, cellnn_command, tmp_path, monkeypatch):
    from cellnn.netlists import crosscheck as module

    monkeypatch.delenv("NGSPICE", raising=False)
    if engine == "batch":
        monkeypatch.setenv("PATH", str(tmp_path))
        # told before the grid simulator, which takes its time, has begun
        monkeypatch.setattr(module, "simulate", lambda *_: pytest.fail("the grid simulator ran"))
    else:
        monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(tmp_path / "libngspice.so"))
    result = cellnn_command("crosscheck", write_spec(SMALL), "--engine", engine)
    assert result.status == 1 and result.out == ""
    assert "apt-get install ngspice libngspice0-dev" in result.err or "NGSPICE_LIBRARY_PATH" in result.err
    if engine == "batch":
        assert "apt-get install ngspice" in result.err
        monkeypatch.setenv("NGSPICE", str(tmp_path / "nothing"))
        result = cellnn_command("crosscheck", write_spec(SMALL))
        assert result.status == 1 and "$NGSPICE" in result.err


def test_a_time_out_is_told(write_spec, cellnn_command, tmp_path, monkeypatch):
    monkeypatch.setenv("NGSPICE", str(program(tmp_path / "slow", "time.sleep(600)")))
    result = cellnn_command("crosscheck", write_spec(SMALL), "--timeout", 0.5)
    assert result.status == 1 and "time-out: ngspice had not ended after 0.5 s" in result.err


@pytest.mark.parametrize("save", [3, 101])
def test_large_arrays_are_checked_on_a_window(save, write_spec, cellnn_command):
    """Cells that pull their neighbours along, and few saved times: the neighbours' waveforms are known finely."""
    template = {"A": [[0, 0.5, 0], [0.5, 1.5, 0.5], [0, 0.5, 0]], "B": [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "z": 0}
    spec = CIRCUITS["plain"] | {
        "grid": {"rows": 40, "columns": 30},
        "input": picture(40, 30, 2),
        "layers": [{"name": "pull", "template": template}],
        "run": {"stop": "10us", "save": save},
    }
    content = json.loads(cellnn_command("crosscheck", write_spec(spec), "--json").out)
    assert content["passed"] is True and content["cells"] == 64
    row, column = map(int, re.fullmatch(r"8x8\+(\d+)\+(\d+)", content["windows"]["pull"]).groups())
    worst = content["worst_cell"]
    assert row <= worst["row"] < row + 8 and column <= worst["column"] < column + 8
    result = cellnn_command("crosscheck", write_spec(spec), "--window", "5x6+33+24", "--json")
    assert result.status == 0 and json.loads(result.out)["windows"] == {"pull": "5x6+33+24"}


def test_windows_of_two_layers_are_kept_apart(write_spec, cellnn_command, tmp_path):
    result = cellnn_command(
        "crosscheck", write_spec(CIRCUITS["two-layers"]), "--window", "2x3+1+1", "--keep", tmp_path / "kept",
        "--plot", tmp_path / "p.svg",
    )  # fmt: skip
    assert result.status == 0 and result.out.count("2x3+1+1") == 2
    for layer in (0, 1):
        assert f"v_{layer}_0_1_1" in (tmp_path / "kept" / f"layer{layer}" / "deck.cir").read_text()
    assert "worst cells" in (tmp_path / "p.svg").read_text()


def test_a_sample_of_a_batch(write_spec, cellnn_command, tmp_path):
    spec = write_spec(SMALL | {"input": [[picture(3, 4, 1)], [picture(3, 4, 2)]]})
    refused = cellnn_command("crosscheck", spec)
    assert refused.status == 2 and "choose one: --sample 0" in refused.err
    assert cellnn_command("crosscheck", spec, "--sample", 1, "--keep", tmp_path / "kept").status == 0
    volts = re.findall(r"(?m)^Vu_\S+ \S+ 0 DC (\S+)$", (tmp_path / "kept" / "deck.cir").read_text())
    assert [float(v) for v in volts] == np.ravel(picture(3, 4, 2)).tolist()


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["{tmp}/none.yaml"], "a readable file"),
        (["{spec}", "--reltol", "-1"], "reltol: got -1.0; expected a number from 0"),
        (["{spec}", "--reltol", "nan"], "reltol: got nan"),
        (["{spec}", "--reltol", "much"], "reltol"),
        (["{spec}", "--abstol", "0"], "abstol: got 0.0; expected a number above 0"),
        (["{spec}", "--abstol", "inf"], "abstol: got inf"),
        (["{spec}", "--engine", "bach"], "did you mean batch?"),
        (["{spec}", "--timeout", "0"], "timeout: got 0.0"),
        (["{spec}", "--timeout", "nan"], "timeout: got nan"),
        (["{spec}", "--window", "3 by 3"], "ROWSxCOLUMNS"),
        (["{spec}", "--window", "3x3+1+1"], "within the 3 x 4 cells"),
        (["{spec}", "--window", "2x2", "--deck", "{tmp}/deck.cir"], "no window with a deck of your own"),
        (["{spec}", "--sample", "1"], "sample: got 1; expected 0"),
        (["{spec}", "--deck", "{tmp}/none.cir"], "--deck: got"),
        (["{spec}", "--deck", "{tmp}"], "a folder, a device or a pipe"),
        (["{spec}", "--deck", "{tmp}/bytes.cir"], "it is no UTF-8 text"),
        (["{spec}", "--deck", "{tmp}/empty.cir"], "deck: got ''; expected a deck whose first line is its title"),
        (["{spec}", "--json", "{tmp}/no/told.json"], "folder that exists"),
        (["{spec}", "--json", "{spec}"], "a file of its own"),
        (["{spec}", "--plot", "{tmp}"], "folder"),
        (["{spec}", "--plot", "{tmp}/no/p.png"], "folder that exists"),
        (["{spec}", "--plot", "{tmp}/p.xyz"], "ends in .png"),
        (["{spec}", "--plot", "{tmp}/p.png", "--json", "{tmp}/p.png"], "a file of its own"),
        (["{spec}", "--deck", "{tmp}/deck.cir", "--keep", "{tmp}"], "a file of its own"),
        (["{spec}", "--keep", "{spec}"], "keep: got"),
    ],
)
def test_bad_command_lines_are_refused_before_anything_runs(
    words, fragment, write_spec, cellnn_command, tmp_path, monkeypatch
):
    from cellnn.netlists import crosscheck as module

    for name in ("simulate", "run_deck"):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("it ran"))
    spec = write_spec(SMALL)
    (tmp_path / "deck.cir").write_text("a deck\n.end\n")
    (tmp_path / "bytes.cir").write_bytes(b"\xff\xfe")
    (tmp_path / "empty.cir").write_text("")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = cellnn_command("crosscheck", *[word.format(spec=spec, tmp=tmp_path) for word in words])
    assert result.status == 2 and fragment in result.err and result.err.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_several_chips_have_no_deck(write_spec):
    circuit = cellnn.load(write_spec(SMALL))
    own = OwnValues(z=np.zeros((2, 1, 3, 4)))
    with pytest.raises(cellnn.InputError, match="one chip for a deck"):
        cellnn.crosscheck(replace(circuit, arrays=(replace(circuit.arrays[0], own=own),)))


def test_python_has_both(write_spec):
    circuit = cellnn.load(write_spec(SMALL))
    said = []
    verdict = cellnn.crosscheck(circuit, progress=said.append)
    assert verdict.passed and said[0] == "grid simulator" and said[1].startswith("ngspice, tolerance")
    assert verdict.summary()["cells"] == 12
    assert cellnn.export_deck(circuit).count("\nX") == 24


def test_the_picture_shows_the_window_and_its_worst_cell(write_spec):
    """Axes in the order they are drawn: of each variable waves, differences, map and colour bar."""
    from cellnn.plots.crosscheck import plot_crosscheck

    verdict = cellnn.crosscheck(cellnn.load(write_spec(SMALL)), window="2x3+1+1")
    axes = plot_crosscheck(verdict, "a name").axes
    assert len(axes) == 8
    for k, one in enumerate(verdict.comparisons):
        waves, differences, cells, _ = axes[4 * k : 4 * k + 4]
        assert waves.get_ylabel() == f"{one.variable} [V]"
        assert (cells.get_xlim(), cells.get_ylim()) == ((0.5, 3.5), (2.5, 0.5))
        assert np.array_equal(cells.images[0].get_array(), one.rms[0])
        place = np.unravel_index(verdict.comparisons[0].rms.argmax(), one.rms.shape)
        assert waves.lines[0].get_ydata() == pytest.approx(one.ours[:, *place])
        assert waves.lines[1].get_ydata() == pytest.approx(one.theirs[:, *place])
        scale = {"V": 1, "mV": 1e3, "µV": 1e6, "nV": 1e9, "pV": 1e12, "fV": 1e15}[
            differences.get_ylabel().split("[")[1].rstrip("]")
        ]
        assert differences.lines[0].get_ydata() == pytest.approx(scale * (one.ours - one.theirs)[:, *place])


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_does_not_change_the_verdict(unbuffered, exported, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    spec, deck = exported(SMALL, (r"^(GB_0_1_1 .*)\{8\.0", r"\1{7.9"))
    command = [sys.executable, "-m", "cellnn", "crosscheck", spec, "--deck", deck, "--plot", tmp_path / "p.png"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        run.stdout.close()
        assert run.stderr.read() == ""
    assert run.returncode == 1
    assert (tmp_path / "p.png").read_bytes()[:4] == b"\x89PNG"
