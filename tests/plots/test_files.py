import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from cellnn.devices.errors import InputError
from cellnn.plots import save_figure


@pytest.mark.parametrize("name, start", [("a.png", b"\x89PNG"), ("a.PDF", b"%PDF"), ("a.svg", b"<?xml")])
def test_figures_are_written_by_extension(tmp_path, name, start):
    (tmp_path / name).write_text("what was there before")
    save_figure(Figure(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["a.bmp", "a", "missing/a.png"])
def test_bad_paths_are_refused_and_leave_nothing(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}.*expected"):
        save_figure(Figure(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_replaced(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(InputError, match="folder"):
        save_figure(Figure(), tmp_path / "a.png")


def test_a_failed_drawing_keeps_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("old")
    figure = Figure()
    monkeypatch.setattr(figure, "savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_figure(figure, tmp_path / "a.png")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("a.png", "old")]


def test_matplotlib_waits_until_it_is_needed():
    code = "import sys, cellnn; sys.exit('matplotlib' in sys.modules or 'cellnn.plots' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pyplot_is_never_imported():
    code = "import sys, cellnn.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
