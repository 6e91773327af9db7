"""Files that travel with a study, as a worker puts them down: whole, its own, and what the client sent."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from cellnn.devices.errors import InputError
from cellnn.sweep.deployments import placed
from cellnn.sweep.files import plain_names, unpacked

CONTENTS = {"a.npy": b"one", "b.png": b"two"}


@pytest.fixture(autouse=True)
def common(tmp_path, monkeypatch):
    """An empty folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_this_users_alone(common):
    folder = unpacked({"a.npy": b"one"})
    assert folder.parent == common and str(os.getuid()) in folder.name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    assert stat.S_IMODE(unpacked({}).stat().st_mode) == 0o700


def test_files_of_the_right_name_and_size_are_not_believed():
    names = plain_names(CONTENTS)
    files = {names[name]: data for name, data in CONTENTS.items()}
    folder = unpacked(files)
    name = names["a.npy"]
    (folder / name).write_bytes(b"eno")
    assert (unpacked(files) / name).read_bytes() == b"one"
    before = (folder / name).stat().st_mtime_ns
    assert unpacked(files) == folder and (folder / name).stat().st_mtime_ns == before
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)


def test_a_name_that_another_has_taken_is_refused(common, monkeypatch):
    there = common / "elsewhere"
    there.mkdir()
    (common / f"cellnn-sweep-{os.getuid()}").symlink_to(there)
    with pytest.raises(InputError, match="a folder of this user"):
        unpacked(CONTENTS)
    other = os.getuid() + 1  # what is there is then somebody else's
    (common / f"cellnn-sweep-{other}").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: other)
    with pytest.raises(InputError, match="a folder of this user"):
        unpacked(CONTENTS)
    assert not list(there.iterdir())


def test_a_model_is_made_of_the_files_that_came(common):
    """Two runs may have the same model.json; a worker that was killed may have left half a file."""

    def made(weights):
        contents = {"model.safetensors": weights, "model.json": b"{}"}
        names = plain_names(contents)
        return Path(placed(names, {names[name]: data for name, data in contents.items()}, common))

    one, other = made(b"one"), made(b"other")
    assert (one / "model.safetensors").read_bytes() == b"one"
    assert (other / "model.safetensors").read_bytes() == b"other" and (other / "model.json").read_bytes() == b"{}"
    (one / "model.safetensors").write_bytes(b"on")
    assert (made(b"one") / "model.safetensors").read_bytes() == b"one"
    assert sorted(path.name for path in one.iterdir()) == ["model.json", "model.safetensors"]
    assert placed("mnist-cellnn", {}, common) == "mnist-cellnn"
