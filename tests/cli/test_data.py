"""`cellnn data`: what is there, whether it is whole, in words and as JSON."""

import json
import sys

import pytest

from ..data.conftest import no_folders, small_sets, write  # noqa: F401
from ..data.files import idx_files

pytestmark = pytest.mark.usefixtures("no_folders", "small_sets")


def test_the_list(cellnn_command, write):  # noqa: F811
    place = write(idx_files()[0], "user/cellnn/mnist")
    shown = cellnn_command("data")
    lines = {line.split()[0]: line for line in shown.out.splitlines() if line and line[0] != "`"}
    assert shown.status == 0 and list(lines) == ["mnist-5k", "digits", "mnist", "fashion-mnist", "cifar-10"]
    assert lines["mnist"].endswith(str(place)) and lines["cifar-10"].endswith("not found")
    listed = json.loads(cellnn_command("data", "--json").out)
    assert listed["mnist"]["folder"] == str(place) and listed["digits"]["embedded"] is True


def test_one_that_is_whole(cellnn_command, write):  # noqa: F811
    place = write(idx_files()[0])
    shown = cellnn_command("data", "fashion-mnist", "--folder", place)
    assert shown.status == 0 and "20 train, 10 test; 1 x 28 x 28" in shown.out and "Ankle boot" in shown.out
    assert shown.out.count("NOT as published") == 4  # these are no clothes
    assert cellnn_command("data", "mnist-5k").out.count("as published") == 2
    content = json.loads(cellnn_command("data", "mnist", "--folder", place, "--json").out)
    assert content["counts"] == {"train": 20, "test": 10}
    assert {entry["published"] for entry in content["files"].values()} == {None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnits"], "did you mean mnist"),
        (["mnist"], "--download"),
        (["digits", "--download"], "come with the program"),
        (["--download"], "the name of a data set"),
        (["mnist", "--download", "--json", "no/where.json"], "in a folder that exists"),
    ],
)
def test_input_at_fault(cellnn_command, arguments, message):
    shown = cellnn_command("data", *arguments)
    assert shown.status == 2 and message in shown.err and shown.err.count("\n") == 1


def test_a_damaged_file(cellnn_command, write):  # noqa: F811
    files, _ = idx_files()
    place = write(files | {"t10k-labels-idx1-ubyte": files["t10k-labels-idx1-ubyte"][:-1]})
    shown = cellnn_command("data", "mnist", "--folder", place)
    assert shown.status == 2 and f"{place}/t10k-labels-idx1-ubyte: got '17 bytes'" in shown.err


def test_a_network_that_fails_is_a_run_that_failed(cellnn_command, tmp_path, monkeypatch):
    from cellnn.diffusion.data import sources

    remote = sources.Remote("train-images-idx3-ubyte.gz", "0" * 32, ("http://127.0.0.1:9/x",))
    monkeypatch.setitem(sources.REMOTE, "mnist", (remote,))
    shown = cellnn_command("data", "mnist", "--download", "--folder", tmp_path / "new")
    assert shown.status == 1 and "cannot fetch train-images" in shown.err


def test_it_starts_without_torch(tmp_path):
    import subprocess

    code = (
        "import sys; sys.argv = ['cellnn', 'data', 'digits']\nfrom cellnn.cli.app import main\n"
        "try: main()\nexcept SystemExit: pass\nprint('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("False\n")
