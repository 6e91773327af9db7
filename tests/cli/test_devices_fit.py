"""`cellnn devices fit`: what it prints, what it leaves, and that `cellnn devices` is what it was."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import cellnn

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture
def static(tmp_path):
    """A small file of currents of a TaOx device at three known states."""
    from cellnn.devices.registry import make_memristor

    device, rng = make_memristor("strachan-taox", {"Gm": 0.02}), np.random.default_rng(0)
    lines = ["trace,x,voltage [V],current [uA]"]
    for x in (0.0, 0.1, 0.9):
        for v in np.linspace(-0.5, 0.5, 21):
            current = 1e6 * float(device.current(v, x)) * (1 + 0.01 * rng.standard_normal())
            lines.append(f"x = {x},{x},{v:.3f},{current:.6g}")
    path = tmp_path / "data.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_fit_prints_a_table_and_writes_all_it_is_asked_for(static, cellnn_command, spec, tmp_path):
    out, plot, content = tmp_path / "p.yaml", tmp_path / "p.png", tmp_path / "p.json"
    result = cellnn_command(
        "devices", "fit", "strachan-taox", static, "-o", out, "--plot", plot, "--json", content, "--starts", 2
    )
    assert (result.status, result.err) == (0, "")
    for fragment in ("Gm         0.0", "1e-09 .. 10", "held", "2 of 2 starts", "R^2", f"wrote {out}, {plot}"):
        assert fragment in result.out
    assert plot.read_bytes()[:4] == b"\x89PNG"
    told = json.loads(content.read_text())
    assert told["parameters"]["Gm"]["value"] == pytest.approx(0.02, rel=0.01)
    assert 0 < told["parameters"]["Gm"]["standard_error"] < 2e-4
    assert told["parameters"]["A"]["free"] is False and told["parameters"]["A"]["value"] == 1e-10
    assert told["correlation"]["names"] == ["Gm", "a", "b"] and told["correlation"]["matrix"][1][1] == pytest.approx(1)
    # the YAML goes into a spec as it is
    memristor = yaml.safe_load(out.read_text())["memristor"]
    assert memristor["parameters"]["Gm"] == pytest.approx(told["parameters"]["Gm"]["value"], rel=1e-7)
    spec["cell"].update(memristor=memristor)
    assert cellnn.load(spec).notes == ()
    text = yaml.safe_dump({**spec, "cell": {**spec["cell"], "memristor": None}}, sort_keys=False)
    pasted = "".join("  " + line + "\n" for line in out.read_text().splitlines())
    (tmp_path / "spec.yaml").write_text(text.replace("  memristor: null\n", pasted))
    assert cellnn_command("simulate", tmp_path / "spec.yaml", "-o", tmp_path / "o.nc").status == 0


def test_json_on_standard_output_is_all_there_is(static, cellnn_command):
    result = cellnn_command("devices", "fit", "strachan-taox", static, "--starts", "1", "--free", "Gm", "--json")
    assert json.loads(result.out)["model"] == "strachan-taox"
    assert json.loads(result.out)["correlation"]["names"] == ["Gm"]


def test_parameters_are_held_freed_and_started_as_asked(static, cellnn_command):
    words = ("--starts", 1, "--json", "--fix", "a,b=4.5", "--set", "ltspice-k8", "--noise", 0.01, "--floor", 1e-9)
    result = cellnn_command("devices", "fit", "strachan-taox", static, *words)
    told = json.loads(result.out)
    assert told["parameters"]["a"]["value"] == 2.3e-6 and told["parameters"]["b"]["value"] == 4.5
    assert told["correlation"]["names"] == ["Gm"] and told["chi"] > 10
    assert any("does not describe" in text for text in told["notes"])
    result = cellnn_command("devices", "fit", "strachan-taox", static, "--starts", 1, "--start", "Gm=1e-3", "--json")
    assert json.loads(result.out)["parameters"]["Gm"]["start"] == 1e-3


def test_timed_data_with_known_and_unknown_starts(cellnn_command, tmp_path):
    """The example, every trace but one from its known state; every pulse and sweep is drawn."""
    known = "fast sweep=0.1,slow sweep=0.1,0.3 V pulses=0.02,0.5 V pulses=0.02"
    result = cellnn_command(
        "devices", "fit", "strachan-taox", EXAMPLES / "taox-sweep.csv", "--x0", known, "--starts", 2, "--fix", "beta",
        "--plot", tmp_path / "p.svg", "--json",
    )  # fmt: skip
    told = json.loads(result.out)
    assert [name for name, one in told["x0"].items() if one["free"]] == ["x0[0.4 V pulses]"]
    assert told["x0"]["x0[0.4 V pulses]"]["value"] == pytest.approx(0.02, abs=0.001)
    for name, value in (("Gm", 0.02), ("s_off", 0.015), ("x_on", 0.08), ("s_p", 4e-5)):
        one = told["parameters"][name]
        assert one["determined"] and abs(one["value"] - value) < 4 * one["standard_error"] < 0.2 * value, name
    assert (tmp_path / "p.svg").stat().st_size > 10_000


def test_the_example_is_what_its_script_makes():
    sys.path.insert(0, str(EXAMPLES))
    try:
        from fit_taox import measurements
    finally:
        sys.path.pop(0)
    assert (EXAMPLES / "taox-sweep.csv").read_text() == measurements()


@pytest.mark.parametrize(
    ("words", "status", "fragment"),
    [
        (["strachan", "{data}"], 2, "did you mean strachan-taox?"),
        (["strachan-taox"], 2, "DATA.csv"),
        (["strachan-taox", "none.csv"], 2, "a readable file"),
        (["strachan-taox", "{data}", "-o", "{data}"], 2, "a file of its own"),
        (["strachan-taox", "{data}", "-o", "{tmp}/no/p.yaml"], 2, "folder that exists"),
        (["strachan-taox", "{data}", "--plot", "{tmp}/p.xyz"], 2, "ends in .png"),
        (["strachan-taox", "{data}", "--fix", "Gm=much"], 2, "NAME=VALUE"),
        (["strachan-taox", "{data}", "--start", "Gm"], 2, "NAME=VALUE"),
        (["strachan-taox", "{data}", "--fix", "Gm,Gm=1"], 2, "each name once"),
        (["strachan-taox", "{data}", "--free", "Gn"], 2, "did you mean Gm?"),
        (["strachan-taox", "{data}", "--loss", "huber"], 2, "linear or soft_l1"),
        (["strachan-taox", "{data}", "--noise", "0.1"], 2, "both --noise and --floor"),
        (["strachan-taox", "{data}", "--starts", "0"], 2, "from 1 to 64"),
        (["strachan-taox", "{data}", "--x0", "0.5"], 2, "column x"),
        (["vteam", "{data}", "--free", "k_on"], 2, "without time the rate plays no part"),
    ],
)
def test_bad_command_lines_write_nothing(words, status, fragment, static, cellnn_command, tmp_path):
    before = static.read_bytes()
    result = cellnn_command("devices", "fit", *[word.format(data=static, tmp=tmp_path) for word in words])
    assert result.status == status and fragment in result.err and result.err.count("\n") == 1
    assert static.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_a_fit_that_fails_has_status_1_and_writes_nothing(static, cellnn_command, tmp_path, monkeypatch):
    from cellnn.devices.fitting import fit as module

    monkeypatch.setattr(module, "LONG", 1)
    monkeypatch.setattr(module, "SHORT", 1)
    result = cellnn_command("devices", "fit", "strachan-taox", static, "-o", tmp_path / "p.yaml", "--starts", 1)
    assert result.status == 1 and "did not converge" in result.err
    assert not (tmp_path / "p.yaml").exists()


def test_devices_is_what_it_was(cellnn_command):
    assert "cellnn devices fit" in cellnn_command("devices").out
    assert cellnn_command("devices", "--json", "vteam").status == 0
    assert "MODEL" in cellnn_command("devices", "fit", "--help").out
    unknown = cellnn_command("devices", "fitt")
    assert unknown.status == 2 and "expected the name of a memristor model" in unknown.err


def test_every_command_of_the_page_runs(cellnn_command, tmp_path, monkeypatch):
    page = (EXAMPLES.parent / "docs" / "fitting.md").read_text()
    commands = re.findall(r"^    cellnn (devices fit .*)$", page, re.M)
    assert len(commands) >= 3
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    for command in commands:
        assert cellnn_command(*shlex.split(command)).status == 0, command
    assert (tmp_path / "taox.yaml").is_file() and (tmp_path / "taox.png").is_file()
