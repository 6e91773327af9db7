"""The commands: exit status, what they print, what they leave."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import cellnn


def test_simulate_writes_a_group_per_layer(spec, write_spec, cellnn_command, tmp_path):
    spec["layers"].append({"name": "second", "channels": 2, "template": {"A": 0.5, "B": 1, "z": [0, 0.1]}})
    out = tmp_path / "out.nc"
    result = cellnn_command("simulate", write_spec(spec), "-o", out)
    assert (result.status, result.err) == (0, "")
    assert f"wrote {out}" in result.out
    tree = xr.open_datatree(out, engine="h5netcdf")
    assert list(tree.children) == ["edges", "second"]
    for name, channels in (("edges", 1), ("second", 2)):
        layer = tree[name]
        for variable, unit in (("state", "V"), ("output", "V"), ("memristor", "1")):
            assert layer[variable].dims == ("time", "channel", "row", "column")
            assert layer[variable].shape == (5, channels, 4, 5)
            assert layer[variable].attrs["units"] == unit
            assert layer[variable].dtype == np.float64
        assert layer["time"].values == pytest.approx(np.linspace(0, 1e-6, 5))
        assert layer["time"].attrs["units"] == "s"
        assert layer.attrs["status"] == tree.attrs["status"] == "completed"
        assert json.loads(layer.attrs["seeds"]) == {"mismatch": 0, "programming": 0, "noise": 1}
        assert json.loads(layer.attrs["solver_statistics"])["steps"] > 0
    assert len(tree.attrs["spec_hash"]) == 64
    assert json.loads(tree.attrs["versions"])["cellnn"] == cellnn.__version__
    # the spec in the result is the spec
    again = tmp_path / "again.yaml"
    again.write_text(tree.attrs["spec"])
    xr.testing.assert_identical(cellnn.simulate(cellnn.load(again)), cellnn.open_result(out))


def test_a_plain_cell_has_no_memristor(spec, write_spec, cellnn_command, tmp_path):
    spec["cell"] = {"circuit": "chua-yang"}
    cellnn_command("simulate", write_spec(spec), "-o", tmp_path / "o.nc")
    assert "memristor" not in cellnn.open_result(tmp_path / "o.nc")["edges"]


def test_the_same_spec_and_seed_give_the_same_file(spec, write_spec, cellnn_command, tmp_path):
    path = write_spec(spec)
    for name in ("a.nc", "b.nc"):
        assert cellnn_command("simulate", path, "-o", tmp_path / name).status == 0
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_processes_give_the_same_file_too(spec, write_spec, tmp_path):
    path = write_spec(spec)
    for name in ("a.nc", "b.nc"):
        command = [sys.executable, "-m", "cellnn", "simulate", str(path), "-o", str(tmp_path / name)]
        subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_pictures_and_json_on_request(spec, write_spec, cellnn_command, tmp_path):
    result = cellnn_command(
        "simulate", write_spec(spec), "-o", tmp_path / "o.nc", "--plot", tmp_path / "p.png",
        "--animate", tmp_path / "a.gif", "--json", "-",
    )  # fmt: skip
    assert result.status == 0
    summary = json.loads(result.out)
    assert summary["status"] == "completed"
    assert summary["layers"][0]["name"] == "edges"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.gif", "o.nc", "p.png", "spec.yaml"]


def failing(spec):
    spec["cell"] = {"circuit": "chua-yang", "output": {"leak": 1.0}}
    spec["layers"][0]["template"] = {"A": 1e5}
    spec["initial"] = 1
    spec["run"] = {"stop": "1ms", "method": "euler"}
    return spec


def test_a_failed_run_has_status_1_and_leaves_an_older_result_alone(spec, write_spec, cellnn_command, tmp_path):
    out = tmp_path / "out.nc"
    out.write_text("an older result")
    result = cellnn_command("simulate", write_spec(failing(spec)), "-o", out)
    assert result.status == 1
    assert result.err.startswith("error: the state ran away: ") and result.err.count("\n") == 1
    assert out.read_text() == "an older result"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.nc", "spec.yaml"]


def test_a_traceback_only_with_debug(spec, write_spec, tmp_path):
    spec["grid"]["rows"] = -1
    command = [sys.executable, "-m", "cellnn", "simulate", str(write_spec(spec)), "-o", str(tmp_path / "o.nc")]
    quiet = subprocess.run(command, capture_output=True, text=True)
    loud = subprocess.run([*command, "--debug"], capture_output=True, text=True)
    assert quiet.returncode == 2 and "Traceback" not in quiet.stderr
    assert loud.returncode != 0 and "Traceback" in loud.stderr and "InputError" in loud.stderr


@pytest.mark.parametrize(
    ("option", "target"),
    [("-o", "nowhere/o.nc"), ("-o", "."), ("--plot", "nowhere/p.png"), ("--plot", "p.xyz"), ("--animate", "a.png")],
)
def test_an_impossible_target_is_refused_before_the_run(option, target, spec, write_spec, cellnn_command, tmp_path):
    options = {"-o": tmp_path / "o.nc", option: tmp_path / target}
    result = cellnn_command("simulate", write_spec(spec), *[word for pair in options.items() for word in pair])
    assert result.status == 2
    assert target.strip(".") in result.err
    assert not (tmp_path / "o.nc").exists()


def test_usage_errors_have_status_2(cellnn_command, tmp_path):
    assert cellnn_command("simulate").status == 2
    assert cellnn_command("simulat", "x").status == 2
    assert cellnn_command("simulate", tmp_path / "none.yaml", "-o", tmp_path / "o.nc").status == 2


def test_memristors_driven_beyond_their_fit_are_reported(spec, write_spec, cellnn_command, tmp_path):
    spec["cell"]["voltage_unit"] = "0.5V"
    spec["input"] = [[-1, 1, -1, 1, -1]] * 4
    result = cellnn_command("simulate", write_spec(spec), "-o", tmp_path / "o.nc")
    assert result.status == 0
    assert "warning: layer edges: the memristors saw -" in result.err
    assert "fitted from -1 V to 1 V" in cellnn.open_result(tmp_path / "o.nc").attrs["warnings"]


def test_a_template_out_of_its_setting_is_noted(spec, write_spec, cellnn_command, tmp_path):
    spec["layers"][0]["template"] = "HOLE"
    result = cellnn_command("simulate", write_spec(spec), "-o", tmp_path / "o.nc")
    assert "note: layer edges: HOLE is published for grid.boundary: fixed 0; here it is zero-flux" in result.err
    assert "HOLE is published for initial: 1; here it is 0" in result.err


def test_devices_lists_and_shows(cellnn_command):
    assert "strachan-taox" in cellnn_command("devices").out
    shown = cellnn_command("devices", "strachan-taox").out
    for fragment in ("IEEE Trans. Electron Devices 60(7)", "sinh(v/s_off)", "for v < 0", "0.025", "1/W", "ltspice-k8"):
        assert fragment in shown
    content = json.loads(cellnn_command("devices", "strachan-taox", "--json").out)
    assert content["parameters"]["Gm"]["value"] == 0.025
    unknown = cellnn_command("devices", "strachan")
    assert unknown.status == 2 and "did you mean strachan-taox?" in unknown.err


def test_every_device_and_template_can_be_shown(cellnn_command):
    for command in ("devices", "templates"):
        for name in json.loads(cellnn_command(command, "--json").out):
            assert cellnn_command(command, name).status == 0


def test_devices_draws_the_hysteresis_loop(cellnn_command, tmp_path):
    assert cellnn_command("devices", "threshold", "--plot", tmp_path / "loop.png").status == 0
    assert (tmp_path / "loop.png").read_bytes()[:4] == b"\x89PNG"


def test_templates_lists_and_shows(cellnn_command):
    names = json.loads(cellnn_command("templates", "--json").out)
    assert len(names) >= 28
    shown = cellnn_command("templates", "EDGE")
    assert shown.status == 0
    for fragment in ("-1      -1      -1", "8", "z = -1", "zero-flux", "SZTAKI"):
        assert fragment in shown.out
    wrong = cellnn_command("templates", "EGDE")
    assert wrong.status == 2 and "did you mean EDGE?" in wrong.err


def test_version(cellnn_command):
    assert cellnn_command("--version").out == f"cellnn {cellnn.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "fragment"),
    [
        ([], 0, ""),
        (["simulate", "{spec}", "-o", "{spec}"], 2, "a file of its own"),
        (["simulate", "{spec}", "-o", "{tmp}/x.png", "--plot", "{tmp}/x.png"], 2, "a file of its own"),
        (["simulate", "{spec}", "-o", "{tmp}/" + "a" * 300 + ".nc"], 2, "name"),
        (["simulate", "{spec}", "-o", "{tmp}/pipe"], 2, "a plain file"),
        (["simulate", "{tmp}/pipe", "-o", "{tmp}/o.nc"], 2, "readable file"),
        (["simulate", "{spec}", "-o", "{tmp}/o.nc", "--json", "{tmp}"], 2, "folder"),
        (["simulate", "{spec}", "-o", "{tmp}/o.nc", "--json", "{tmp}/no/s.json"], 2, "folder that exists"),
    ],
)  # fmt: skip
def test_no_command_line_harms_what_is_there(arguments, status, fragment, spec, write_spec, cellnn_command, tmp_path):
    path = write_spec(spec)
    before = path.read_bytes()
    os.mkfifo(tmp_path / "pipe")
    words = [word.format(spec=path, tmp=tmp_path) for word in arguments]
    result = cellnn_command(*words)
    assert result.status == status
    assert fragment in result.err
    assert path.read_bytes() == before
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pipe", "spec.yaml"]


def test_json_without_a_file_goes_to_stdout(spec, write_spec, cellnn_command, tmp_path):
    result = cellnn_command("simulate", write_spec(spec), "--json", "-o", tmp_path / "o.nc")
    assert json.loads(result.out)["status"] == "completed"
    assert json.loads(cellnn_command("devices", "--json", "vteam").out)["name"] == "vteam"
    assert cellnn_command("devices", "--json", tmp_path / "d.json").status == 0
    assert "vteam" in json.loads((tmp_path / "d.json").read_text())


def test_a_linked_output_replaces_what_the_link_points_to(spec, write_spec, cellnn_command, tmp_path):
    (tmp_path / "real.nc").write_text("old")
    (tmp_path / "link.nc").symlink_to("real.nc")
    assert cellnn_command("simulate", write_spec(spec), "-o", tmp_path / "link.nc").status == 0
    assert (tmp_path / "link.nc").is_symlink()
    assert "edges" in cellnn.open_result(tmp_path / "real.nc").children


def test_texts_that_look_like_numbers_survive_in_the_stored_spec(spec, write_spec, cellnn_command, tmp_path):
    spec["name"] = "1e5"
    cellnn_command("simulate", write_spec(json.dumps(spec)), "-o", tmp_path / "o.nc")
    again = tmp_path / "again.yaml"
    again.write_text(cellnn.open_result(tmp_path / "o.nc").attrs["spec"])
    assert cellnn.load(again).name == "1e5"
