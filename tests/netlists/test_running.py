"""ngspice run live, on both engines: closed forms, equality of the engines, order, nothing left behind."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cellnn.devices.errors import InputError
from cellnn.netlists.running import Job, SpiceError, probe_ngspice, run_deck, run_decks

from .running_decks import REAL, STOP, bistable, deck, ladder, rc, taox

both = pytest.mark.parametrize("engine", ["batch", "shared"])


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A temporary directory that has to be empty after a test."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@both
def test_a_capacitor_is_charged_as_the_closed_form_says(engine):
    waves = run_deck(rc(), stop=STOP, expect=["V_0_0_0_0"], engine=engine)
    assert np.abs(waves["v_0_0_0_0"] - (1 - np.exp(-waves.time / 1e-6))).max() < 1e-5
    assert waves.time.dtype == waves["v_0_0_0_0"].dtype == np.float64
    assert waves.time.shape == waves["v_0_0_0_0"].shape and len(waves.time) > 1000
    assert (np.diff(waves.time) > 0).all() and waves.time[-1] == pytest.approx(STOP, rel=1e-12)
    assert waves.engine == engine and 0 < waves.seconds < waves.total_seconds


@both
def test_names_are_nodes_whatever_their_case(engine):
    waves = run_deck(rc(), stop=STOP, engine=engine)
    assert sorted(waves.names) == ["in", "v1#branch", "v_0_0_0_0"]
    assert np.array_equal(waves["V(IN)"], np.ones(len(waves.time)))
    current = (waves["in"] - waves["v_0_0_0_0"]) / 1e3
    assert waves["v1#branch"] == pytest.approx(-current, rel=1e-9, abs=1e-15)
    assert "IN" in waves and "out" not in waves
    with pytest.raises(InputError, match=r"got 'v_0_0_0_1'.*did you mean v_0_0_0_0\?"):
        waves["v_0_0_0_1"]


@both
def test_a_stack_is_the_nodes_asked_for_in_their_order(engine):
    waves = run_deck(ladder(50), stop=1e-6, engine=engine)
    names = [f"N{k}" for k in (7, 3, 50, 3)]
    stacked = waves.stack(names)
    assert stacked.shape == (4, len(waves.time))
    assert all(np.array_equal(row, waves[name]) for row, name in zip(stacked, names, strict=True))
    stacked[:] = 0
    assert waves["n3"][-1] > 0


@pytest.mark.parametrize("text", [rc(), taox(), bistable(), ladder(30)], ids=["rc", "taox", "bistable", "ladder"])
def test_both_engines_have_the_same_bits(text):
    stop = 1e-6 if " n30 " in text else 4e-6
    batch, shared = (run_deck(text, stop=stop, engine=engine) for engine in ("batch", "shared"))
    assert sorted(batch.names) == sorted(shared.names)
    assert np.array_equal(batch.time, shared.time)
    assert np.array_equal(batch.values, shared.stack(batch.names))


def test_the_memristors_of_the_taox_deck_switch():
    waves = run_deck(taox(), stop=4e-6, engine="shared")
    moved = [waves[f"x{i}_{j}"][-1] - waves[f"x{i}_{j}"][0] for i in range(3) for j in range(4)]
    assert max(moved) > 0.2 and min(moved) < -0.1


@both
def test_gmin_stepping_is_no_failure(engine):
    """PySpice 1.5 refuses this run; here, singular iterates on the way are ngspice's own business too."""
    waves = run_deck(bistable(), stop=STOP, engine=engine)
    assert "Note: Dynamic gmin stepping completed" in waves.log and "singular matrix" in waves.log
    rest = waves.stack([f"v{k}" for k in range(4)])
    output = waves.stack([f"y{k}" for k in range(4)])
    drive = 2 * output - np.roll(output, -1, axis=0) + 0.1 * (np.arange(4)[:, None] - 1)
    assert np.abs(rest - drive).max() < 1e-6  # v = A y + I holds at rest


def test_a_worker_lives_on_and_forgets_the_deck_before():
    first = run_deck(taox(), stop=4e-6, engine="shared")
    run_deck(
        deck("C1 a 0 1n ic=1", "R1 a 0 1k", ".options reltol=0.1 method=trap", ".save v(a)"), stop=STOP, engine="shared"
    )
    again = run_deck(taox(), stop=4e-6, engine="shared")
    assert again.names == first.names and np.array_equal(again.values, first.values)


@both
def test_the_settings_of_the_user_do_not_count(engine, tmp_path, monkeypatch):
    from cellnn.netlists.running.shared import close_workers

    plain = run_deck(taox(), stop=4e-6, engine=engine)
    (tmp_path / ".spiceinit").write_text("set interp\nset filetype=ascii\n")  # other points, fewer digits
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SPICE_USERINIT_DIR", str(tmp_path))
    monkeypatch.setenv("SPICE_ASCIIRAWFILE", "1")
    run = subprocess.run([REAL, "-v"], capture_output=True, text=True, check=True)
    assert "ngspice" in run.stdout  # the true one still starts with these settings
    close_workers()
    hostile = run_deck(taox(), stop=4e-6, engine=engine)
    close_workers()
    assert np.array_equal(plain.values, hostile.values)


def test_the_settings_in_the_folder_of_the_library_do_not_count(tmp_path, monkeypatch):
    """ngspice takes the first .spiceinit it finds: were ours not there, the current folder's would count here."""
    code = (
        "import sys; from cellnn.netlists.running.library import open_library\n"
        "print(open_library()[0].transient(sys.stdin.read())[1].shape[1])"
    )

    def points() -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command, cwd=tmp_path, input=bistable(), capture_output=True, text=True, check=True
        ).stdout

    plain = points()
    (tmp_path / ".spiceinit").write_text("set interp\n")
    assert points() == plain == f"{len(run_deck(bistable(), stop=STOP).time)}\n"
    batch = subprocess.run([REAL, "-b"], cwd=tmp_path, input=bistable(), capture_output=True, text=True, check=False)
    assert f"No. of Data Rows : {plain}" not in batch.stdout  # the setting is one that counts


def test_the_library_finds_a_settings_file_before_that_of_the_account(tmp_path):
    """ngspice takes the current folder's before the account's, which no test may write."""
    code = (
        "from pathlib import Path; from cellnn.netlists.running.library import _without_user_settings\n"
        "with _without_user_settings():\n    folder = Path.cwd(); print(Path('.spiceinit').read_text(), end='')\n"
        "assert not folder.exists() and Path.cwd() != folder"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.startswith("*") and run.stdout.count("\n") == 1


@both
def test_deck_and_log_are_kept_where_asked(engine, tmp_path):
    run_deck(rc(), stop=STOP, engine=engine, keep=tmp_path / "a" / "b")
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == ["deck.cir", "ngspice.log"]
    assert (tmp_path / "a" / "b" / "deck.cir").read_text() == rc()
    assert "No. of Data Rows" in (tmp_path / "a" / "b" / "ngspice.log").read_text()


@both
def test_many_decks_come_back_in_order_and_as_one_by_one(engine):
    decks = [rc(float(R)) for R in np.linspace(500, 5000, 64)]
    serial = [run_deck(text, stop=STOP, engine=engine) for text in decks]
    parallel = run_decks(decks, stop=STOP, expect=["v_0_0_0_0"], engine=engine)
    assert len(parallel) == 64
    for one, other in zip(serial, parallel, strict=True):
        assert np.array_equal(one.time, other.time)
        assert np.array_equal(one["v_0_0_0_0"], other["v_0_0_0_0"])
    ends = [waves["v_0_0_0_0"][-1] for waves in parallel]
    assert ends == sorted(ends, reverse=True) and ends[0] > ends[-1] + 0.1


def test_no_decks_are_no_results():
    assert run_decks([]) == []


@both
def test_one_failure_does_not_take_the_others_down(engine, tmp_path):
    jobs = [Job(rc(), STOP), Job(deck("X1 a 0 nothere"), STOP), Job(rc(2e3), STOP), Job(rc(), 2 * STOP)]
    keep = tmp_path / "kept"
    results = run_decks(jobs, engine=engine, errors="return", keep=keep)
    assert [type(result).__name__ for result in results] == ["Waves", "SpiceError", "Waves", "SpiceError"]
    assert np.array_equal(results[2]["v_0_0_0_0"], run_deck(rc(2e3), stop=STOP, engine=engine)["v_0_0_0_0"])
    with pytest.raises(SpiceError, match=r"unknown subckt.*\(2 of 4 decks failed; this is the first\)"):
        run_decks(jobs, engine=engine, keep=keep)
    assert sorted(path.name for path in keep.iterdir()) == ["0000", "0001", "0002", "0003"]
    assert all((folder / "deck.cir").exists() for folder in keep.iterdir())


def test_the_probe_says_what_ngspice_says():
    probe = probe_ngspice()
    assert probe.engines == ("batch", "shared")
    said = subprocess.run([REAL, "--version"], capture_output=True, text=True, check=True).stdout
    for report in (probe.batch, probe.shared):
        assert report.available and f"ngspice-{report.version} " in said.replace("\n", " ")
        assert run_deck(rc(), stop=STOP, engine=report.name).version == report.version
    assert Path(probe.batch.path).samefile(REAL)
    assert "libngspice" in probe.shared.path and Path(probe.shared.path).exists()
    # XSPICE is what its own code models need: a gain of 3 runs exactly where it is said to be there
    gain = deck("V1 a 0 1", "A1 a b three", ".model three gain(gain=3)", "R1 b 0 1k")
    for report in (probe.batch, probe.shared):
        try:
            works = run_deck(gain, stop=STOP, engine=report.name)["b"][-1] == pytest.approx(3)
        except SpiceError as error:
            works = False
            shutil.rmtree(error.folder)
        assert works == ("XSPICE" in report.features)


def test_importing_leaves_pyspice_alone():
    code = "import sys, cellnn.netlists.running; print([m for m in ('PySpice', 'cffi', 'scipy') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_code_of_the_documentation_runs():
    page = (Path(__file__).parent.parent.parent / "docs" / "ngspice.md").read_text()
    names: dict = {}
    exec("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), names)  # noqa: S102
    assert names["waves"]["out"][-1] == pytest.approx(1 - np.exp(-10), abs=1e-5)
    assert [float(waves["out"][-1]) for waves in names["results"]] == pytest.approx(
        [1 - np.exp(-10 / k) for k in (1, 2, 5)], abs=1e-4
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stop": 0.0}, "stop: got 0.0; expected a time in seconds above 0"),
        ({"stop": float("nan")}, "stop: got nan"),
        ({"timeout": -1.0}, "timeout: got -1.0"),
        ({"engine": "bach"}, r"engine: got 'bach'; expected batch or shared \(did you mean batch\?\)"),
        ({"text": "\n.end\n"}, "a deck whose first line is its title"),
        ({"text": "a\n.Control\nrun\n.endc\n.end\n"}, "without a .control block"),
        ({"text": "a\n\0\n.end\n"}, "without null characters"),
        ({"keep": "/proc/nothing"}, "keep: got '/proc/nothing'; expected a folder"),
    ],
)
def test_bad_arguments_are_input_errors(change, message):
    arguments = {"text": rc(), "stop": STOP, **change}
    with pytest.raises(InputError, match=message):
        run_deck(arguments.pop("text"), **arguments)


def test_bad_jobs_are_input_errors_before_anything_runs(tmp_path):
    with pytest.raises(InputError, match=r"jobs\[1\].*a stop time for all decks"):
        run_decks([Job(rc(), STOP), rc()], keep=tmp_path)
    with pytest.raises(InputError, match=r"jobs\[1\].stop: got -1"):
        run_decks([Job(rc(), STOP), Job(rc(), -1)])
    with pytest.raises(InputError, match="workers: got 0"):
        run_decks([rc()], 0, stop=STOP)
