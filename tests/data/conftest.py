"""Small data sets in place of the published ones, and no folder of this machine's user."""

import pytest

from cellnn.diffusion.data import folders
from cellnn.diffusion.data.sets import DATA_SETS

from .files import small


@pytest.fixture(autouse=True)
def no_folders(monkeypatch, tmp_path):
    """The user's and the system's folders are empty ones."""
    monkeypatch.delenv("CELLNN_DATA", raising=False)
    monkeypatch.setattr(folders.platformdirs, "user_data_dir", lambda name: str(tmp_path / "user" / name))
    monkeypatch.setattr(folders, "SHARED", tmp_path / "shared")


@pytest.fixture
def small_sets(monkeypatch):
    """The sets in folders hold few pictures."""
    for name in ("mnist", "fashion-mnist", "cifar-10"):
        monkeypatch.setitem(DATA_SETS, name, small(name))


@pytest.fixture
def write(tmp_path):
    """Write files (name -> bytes) into a folder of this name."""

    def into(files, folder="data"):
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (place / name).write_bytes(content)
        return place

    return into
