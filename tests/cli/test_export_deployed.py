"""`cellnn export RUN --hardware`: decks of deployed layers, which ngspice runs as they are."""

import json
import re
import subprocess

import numpy as np
import pytest
import yaml

from cellnn.diffusion.deployment.deploy import Deployer
from cellnn.diffusion.deployment.hardware_file import read_hardware
from cellnn.diffusion.deployment.network import DeployedBlock, deployed
from cellnn.diffusion.deployment.noised import questions
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.deployment.spice.met import met_by
from cellnn.diffusion.training import load_run, read_config, train
from cellnn.netlists.running.rawfile import read_raw

from ..netlists.running_decks import REAL
from .test_deploy import CONFIG

HARDWARE = {
    "cellnn": 1,
    "name": "test",
    "hardware": {
        "synapses": {"low": "8uS", "high": "90uS"},
        "quantisation": {"bits": 6},
        "read": {"model": "cmo-hfox"},
        "mismatch": {"weights": "5%", "R": "5%", "C": "5%", "memristor": "5%", "x0": "5%"},
        "converters": {"input": {"bits": 8}, "output": {"bits": 8}},
    },
    "calibration": {"pictures": 4},
    "seed": {"mismatch": 3},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(read_config(CONFIG), folder)
    return folder


@pytest.fixture
def hardware(tmp_path):
    path = tmp_path / "hardware.yaml"
    path.write_text(yaml.safe_dump(HARDWARE))
    return path


def ngspice(*words, cwd):
    return subprocess.run([REAL, "-n", "-b", *map(str, words)], cwd=cwd, capture_output=True, text=True, check=True)


def outputs_of_the_deployment(run, hardware, picture, t):
    """Those of every layer [V], in many steps, for the question that the deck is about."""
    deployer = Deployer(load_run(run), read_hardware(hardware).spec, threads=1)
    how = Integration(steps=200, threads=1)  # in single precision, as the deck's: a chip drawn in double is another one
    network = deployed(deployer.model.network, deployer.ranges, deployer.hardware, deployer.seeds, how)
    asked = questions(deployer.model, deployer.unseen, picture + 1, 1, t).only(picture)
    found = {}
    for name, part in network.named_modules():
        if isinstance(part, DeployedBlock):
            y, _ = part.array.run(*met_by(deployer.model.network, asked)[name].batch())
            found[name] = y[0] * part.array.folded.cell.V1
    return found


def test_ngspice_alone_gives_what_the_deployment_computes(run, hardware, cellnn_command, tmp_path):
    words = ("--layer", "down.0", "--window", "2:4,6:8", "--channels", "0,2:4", "--sample", 1, "--time", 0.3)
    deck, told = tmp_path / "a.cir", tmp_path / "told.json"
    result = cellnn_command("export", run, "--hardware", hardware, *words, "-o", deck, "--json", told)
    assert (result.status, result.err) == (0, "")
    assert re.fullmatch(r"wrote \S+: 12 cells, \d+ nodes, \d+ elements; run it: ngspice -b .*\n", result.out)
    content = json.loads(told.read_text())
    assert (content["layer"], content["window"], content["channels"]) == ("down.0", "2x2+2+6", [0, 2, 3])
    ngspice("-r", "a.raw", deck, cwd=tmp_path)
    (plot,) = read_raw(tmp_path / "a.raw")
    waves = dict(zip((name.lower() for name in plot.names), plot.values, strict=True))
    expected = outputs_of_the_deployment(run, hardware, 1, 0.3)["down.0"]
    largest = np.abs(expected).max()
    for channel in (0, 2, 3):
        for row, column in ((2, 6), (2, 7), (3, 6), (3, 7)):
            found = waves[f"v(y_0_{channel}_{row}_{column})"][-1]
            assert found == pytest.approx(expected[channel, row, column], rel=1e-3, abs=1e-4 * largest)
    assert sum(name.startswith("v(y_") for name in waves) == 12  # neighbours are there, but not saved
    printed = ngspice(deck, cwd=tmp_path).stdout  # as the deck says it: no options at all
    last = re.findall(r"(?m)^\d+\s+(\S+)\s+(\S+)\s*$", printed)[-1]
    assert float(last[0]) == pytest.approx(1e-6, rel=0.01)
    assert float(last[1]) == pytest.approx(waves["v(v_0_0_2_6)"][-1], rel=1e-3)


def test_the_same_seeds_give_the_same_bytes(run, hardware, cellnn_command, tmp_path):
    words = ("--hardware", hardware, "--layer", "middle", "--channels", "1")
    for name in ("a", "b"):
        assert cellnn_command("export", run, *words, "-o", tmp_path / f"{name}.cir").status == 0
    assert (tmp_path / "a.cir").read_bytes() == (tmp_path / "b.cir").read_bytes()
    hardware.write_text(yaml.safe_dump({**HARDWARE, "seed": {"mismatch": 4}}))
    assert cellnn_command("export", run, *words, "-o", tmp_path / "c.cir").status == 0
    assert (tmp_path / "a.cir").read_bytes() != (tmp_path / "c.cir").read_bytes()


@pytest.mark.parametrize(
    "words, fragment",
    [
        (
            ["--layer", "midle"],
            "--layer: got 'midle'; expected one of down.0, down.1, middle, up.0, up.1 (did you mean middle?)",
        ),
        ([], "--layer: expected one of down.0, down.1, middle, up.0, up.1"),
        (["--layer", "middle", "--window", "0:9,0:1"], "--window: got '0:9,0:1'; expected R0:R1,C0:C1"),
        (["--layer", "middle", "--window", "3x3"], "--window: got '3x3'"),
        (["--layer", "middle", "--channels", "6"], "--channels: got '6'; expected channels as 0,3,5 or 2:6"),
        (["--layer", "middle", "--channels", "3:1"], "--channels: got '3:1'"),
        (["--layer", "middle", "--time", "2"], "--time: got 2.0"),
        (["--layer", "middle", "--sample", "-1"], "--sample: got -1"),
    ],
)
def test_bad_command_lines(run, hardware, cellnn_command, tmp_path, words, fragment):
    result = cellnn_command("export", run, "--hardware", hardware, *words, "-o", tmp_path / "d.cir")
    assert result.status == 2 and fragment in result.err and result.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["hardware.yaml"]


@pytest.mark.parametrize("option, value", [("layer", "middle"), ("window", "0:1,0:1"), ("time", "0.5")])
def test_options_that_want_hardware(cellnn_command, spec, write_spec, tmp_path, option, value):
    result = cellnn_command("export", write_spec(spec), f"--{option}", value, "-o", tmp_path / "d.cir")
    assert result.status == 2 and f"--{option}: got '{value}'; expected --hardware" in result.err
    assert not (tmp_path / "d.cir").exists()
