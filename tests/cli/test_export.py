"""`cellnn export`: decks that ngspice runs as they are, with nothing of ours around them."""

import json
import re
import shlex
import subprocess

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

import cellnn
from cellnn.netlists.running.rawfile import read_raw

from ..netlists.running_decks import REAL
from .circuits_to_check import CIRCUITS, picture


def ngspice(deck, cwd):
    """A raw file of the deck by plain `ngspice -b -r`: waveforms by node, and what was printed."""
    command = [REAL, "-n", "-b", "-r", "waves.raw", str(deck)]
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    (plot,) = read_raw(cwd / "waves.raw")
    return dict(zip((name.lower() for name in plot.names), plot.values, strict=True)), run.stdout


@pytest.mark.parametrize("name", CIRCUITS)
def test_ngspice_alone_agrees_with_the_result_file(name, write_spec, cellnn_command, tmp_path):
    """Every state and output, at the end of every layer and on the way."""
    spec, deck, out = write_spec(CIRCUITS[name]), tmp_path / "deck.cir", tmp_path / "o.nc"
    assert cellnn_command("export", spec, "-o", deck, "--reltol", "1e-6").status == 0
    assert cellnn_command("simulate", spec, "-o", out).status == 0
    waves, _ = ngspice(deck, tmp_path)
    tree = cellnn.open_result(out)
    unit = cellnn.load(spec).arrays[0].cell.V1
    for layer, group in enumerate(tree.children.values()):
        stop = float(group["time"][-1])
        kinds = [("v", "state", unit), ("y", "output", unit)]
        kinds += [("x", "memristor", 1.0)] if "memristor" in group else []
        for kind, variable, one in kinds:
            ours = group[variable].values
            for place in np.ndindex(*ours.shape[1:]):
                wave = waves["v(" + "_".join(map(str, (kind, layer, *place))) + ")"]
                line = make_interp_spline(waves["time"], wave, k=1)
                # a switch of a memristor, 10 ns early or late, is no other result: on the way the mean counts
                apart = np.abs(ours[1:, *place] - line(group["time"].values[1:] + layer * stop))
                assert apart[-1] < 2e-3 * one and apart.mean() < 2e-3 * one, (layer, variable, place)


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_line_counts_what_ngspice_counts(name, write_spec, cellnn_command, tmp_path):
    deck, told = tmp_path / "a deck.cir", tmp_path / "told.json"
    result = cellnn_command("export", write_spec(CIRCUITS[name]), "-o", deck, "--json", told)
    assert (result.status, result.err) == (0, "")
    content = json.loads(told.read_text())
    control = ".control\nop\nrusage all\ninventory\nquit\n.endc\n.end\n"
    (tmp_path / "count.cir").write_text(re.sub(r"(?m)^\.end$", control, deck.read_text()).rstrip() + "\n")
    printed = subprocess.run([REAL, "-b", "count.cir"], cwd=tmp_path, capture_output=True, text=True).stdout
    kinds = dict(re.findall(r"^(\w+): (\d+)$", printed.split("Circuit Inventory")[1], re.M))
    assert content["elements"] == sum(map(int, kinds.values()))
    # ngspice's equations: the nodes, ground, and the current of everything that imposes a voltage
    equations = int(re.search(r"Circuit Equations = (\d+)", printed)[1])
    imposed = sum(int(kinds.get(kind, 0)) for kind in ("Vsource", "VCVS")) + _voltages(deck.read_text())
    assert content["nodes"] + 1 + imposed == equations


def _voltages(text):
    """Behavioural sources that impose a voltage, by the instances of the subcircuits they are in."""
    blocks = dict(re.findall(r"(?ms)^\.subckt (\S+) (.*?)^\.ends", text))

    def within(body):
        own = len(re.findall(r"(?m)^B.* v=", body))
        calls = [word for line in re.findall(r"(?m)^X.*", body) for word in line.split()[1:] if word in blocks]
        return own + sum(within(blocks[name]) for name in calls)

    rest = re.sub(r"(?ms)^\.subckt.*?^\.ends.*?$", "", text.replace("\n+", " "))
    return within(rest)


def test_the_printed_command_runs_the_deck(write_spec, cellnn_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = cellnn_command("export", write_spec(CIRCUITS["plain"]), "-o", "a deck.cir")
    assert (result.status, result.err) == (0, "")
    told = re.fullmatch(r"wrote a deck\.cir: 64 cells, 192 nodes, \d+ elements; run it: (ngspice .*)\n", result.out)
    subprocess.run(shlex.split(told[1]), check=True, capture_output=True)
    assert read_raw(tmp_path / "a deck.raw")[0].values.shape[1] > 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a deck.cir", "a deck.raw", "spec.yaml"]


def test_reltol_and_sample_reach_the_deck(write_spec, cellnn_command, tmp_path):
    spec = CIRCUITS["plain"] | {"input": [[picture(8, 8, 1)], [picture(8, 8, 2)]]}
    decks = {}
    for name, words in {"0": ("--sample", 0), "1": ("--sample", 1), "fine": ("--sample", 1, "--reltol", 3e-8)}.items():
        assert cellnn_command("export", write_spec(spec), "-o", tmp_path / "d.cir", *words).status == 0
        decks[name] = (tmp_path / "d.cir").read_text()
    assert " reltol=3e-08 " in decks["fine"] and " reltol=3e-08 " not in decks["1"]
    for name, seed in (("0", 1), ("1", 2)):
        volts = [float(v) for v in re.findall(r"(?m)^Vu_\S+ \S+ 0 DC (\S+)$", decks[name])]
        assert volts == np.ravel(picture(8, 8, seed)).tolist()


def test_a_deck_of_64_by_64_cells_is_one_that_ngspice_reads(write_spec, cellnn_command, tmp_path):
    spec = CIRCUITS["plain"] | {"grid": {"rows": 64, "columns": 64}, "input": picture(64, 64, 5)}
    result = cellnn_command("export", write_spec(spec), "-o", tmp_path / "deck.cir")
    assert "4096 cells, 12288 nodes, 61440 elements" in result.out
    text = (tmp_path / "deck.cir").read_text()
    short = re.sub(r"(?m)^\.tran .*$", ".tran 1e-9 2e-9 0 1e-9 uic", text)
    assert short != text
    (tmp_path / "short.cir").write_text(short)
    waves, _ = ngspice("short.cir", tmp_path)
    assert len(waves) == 1 + 2 * 4096 and waves["time"][-1] == pytest.approx(2e-9)


def test_what_a_deck_leaves_out_is_told(write_spec, cellnn_command, tmp_path):
    spec = CIRCUITS["plain"] | {"hardware": {"noise": {"temperature": "300K"}}}
    spec["run"] = {"stop": "10us", "settle": 0.01}
    result = cellnn_command("export", write_spec(spec), "-o", tmp_path / "d.cir")
    assert result.status == 0
    assert "note: thermal noise is not in the deck" in result.err and "settled or not" in result.err


@pytest.mark.parametrize(
    ("change", "words", "fragment"),
    [
        ({}, ["{spec}", "-o", "{spec}"], "a file of its own"),
        ({}, ["{spec}", "-o", "{tmp}/d", "--json", "{tmp}/./d"], "a file of its own"),
        ({}, ["{spec}", "-o", "{tmp}/no/d.cir"], "folder that exists"),
        ({}, ["{spec}"], "output"),
        ({}, ["{spec}", "-o", "{tmp}/d.cir", "--reltol", "0"], "a number from 1e-12 to 0.1"),
        ({}, ["{spec}", "-o", "{tmp}/d.cir", "--reltol", "nan"], "a number from 1e-12 to 0.1"),
        ({}, ["{spec}", "-o", "{tmp}/d.cir", "--sample", "1"], "sample: got 1; expected 0"),
        ({"input": [[[[1.0]]]] * 3}, ["{spec}", "-o", "{tmp}/d.cir"], "choose one: --sample 0"),
        ({"input": [[[[1.0]]]] * 3}, ["{spec}", "-o", "{tmp}/d.cir", "--sample", "3"], "a number from 0 to 2"),
    ],
)
def test_a_bad_command_line_has_status_2_and_leaves_nothing(
    change, words, fragment, write_spec, cellnn_command, tmp_path
):
    grid = {"grid": {"rows": 1, "columns": 1}} if change else {}
    spec = write_spec(CIRCUITS["plain"] | grid | change)
    before = spec.read_bytes()
    result = cellnn_command("export", *[word.format(spec=spec, tmp=tmp_path) for word in words])
    assert result.status == 2 and fragment in result.err and result.err.count("\n") == 1
    assert spec.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["spec.yaml"]
