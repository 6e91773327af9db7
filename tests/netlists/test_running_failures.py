"""What goes wrong: broken decks, crashes, garbage, time-outs. Nothing of it may look like a result."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from cellnn.devices.errors import InputError
from cellnn.netlists.running import SpiceError, probe_ngspice, run_deck, run_decks
from cellnn.netlists.running.shared import _idle, close_workers

from .running_decks import SLOW, STOP, deck, program, rc

both = pytest.mark.parametrize("engine", ["batch", "shared"])


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    """Put a program in ngspice's place."""

    def put(body: str) -> None:
        monkeypatch.setenv("NGSPICE", str(program(tmp_path / "pretender", body)))

    return put


def gone(pids: list[int]) -> bool:
    """Whether these processes end; a zombie counts as ended."""
    for _ in range(200):
        alive = [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]
        if not alive:
            return True
        time.sleep(0.05)
    return False


def fails(text: str, engine: str = "batch", **arguments) -> SpiceError:
    with pytest.raises(SpiceError) as caught:
        run_deck(text, **{"stop": STOP, "engine": engine, "timeout": 60.0, **arguments})
    assert not isinstance(caught.value, InputError)
    return caught.value


BROKEN = {
    "subcircuit": (["X1 a 0 nothere"], "unknown subckt: x1 a 0 nothere"),
    "parameter": (["R1 a 0 1k foo=3", "C1 a 0 1n ic=1"], r"r1 a 0 1k foo=3 unknown parameter \(foo\)"),
    "function": (["C1 a 0 1n ic=1", "B1 a 0 i=foo(v(a))"], "no such function 'foo'"),
    "symbol": (["C1 a 0 1n ic=1", "R1 a 0 {xx}"], r"Undefined parameter \[xx\]"),
    "model": (["D1 a 0 nothere", "R1 a 0 1k"], "can't find model 'nothere'"),
    "line": (["R1 a 0 1k", ".trann 1 2"], "unimplemented control card"),
    "singular": (["V1 a 0 1", "V2 a 0 2", "C1 a 0 1n"], "singular matrix"),
    "nothing saved": (["R1 a 0 1k", "C1 a 0 1n ic=1", ".save v(b)"], "no data saved"),
    "range": (["C1 a 0 1n ic=1", "R1 a 0 1k", "B1 b 0 v=log(v(a)-2)"], "out of range for log"),
    "short": (["C1 a 0 1n ic=1", "R1 a 0"], "set to 1 mOhm"),
}


@both
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_deck_is_an_error_with_its_cause(case, engine):
    lines, cause = BROKEN[case]
    error = fails(deck(*lines), engine)
    assert re.search(cause, error.summary)
    assert 1 <= len(error.tail) <= 20 and max(map(len, error.tail)) <= 160
    assert str(error.folder) in str(error)
    assert (error.folder / "deck.cir").read_text() == deck(*lines)
    assert error.tail[-1] in (error.folder / "ngspice.log").read_text()
    assert run_deck(rc(), stop=STOP, engine=engine)["v_0_0_0_0"][-1] > 0.99  # the next run does not suffer


@both
def test_a_deck_without_a_transient_is_an_error(engine):
    error = fails(deck("R1 a 0 1k", "V1 a 0 1", tran=".op"), engine)
    assert "is there a .tran line?" in error.summary
    assert fails(deck("R1 a 0 1k", "V1 a 0 1", tran=""), engine).summary


@both
def test_a_transient_that_ends_early_is_an_error(engine):
    assert "ended early, at 1e-05 s of 1.1e-05 s" in fails(rc(), engine, stop=1.1e-5).summary


@both
def test_a_run_that_is_aborted_on_its_way_is_an_error(engine):
    """A function's range ends at 0.7 us, and ngspice 39 leaves a raw file with a header."""
    error = fails(deck("V1 in 0 1", "R1 in a 1k", "C1 a 0 1n ic=0", "B1 b 0 v=sqrt(0.5-v(a))"), engine)
    assert error.summary == "ngspice reported: Error: -0.00321874 out of range for sqrt"
    assert "Timestep too small" in error.tail[-2] and error.tail[-1] == "run simulation(s) aborted"


@both
def test_a_node_that_is_missing_is_an_error(engine):
    text = rc().replace(".tran", ".save v(in) v(b)\n.tran")
    error = fails(text, engine, expect=["IN", "v_0_0_0_0", *(f"b{k}" for k in range(9))])
    assert error.summary == "the transient has no v_0_0_0_0, b0, b1, b2, b3 and 5 more: does the deck .save them?"


@both
def test_a_time_out_ends_the_run_and_the_next_one_works(engine):
    before = set(psutil.Process().children(recursive=True))
    error = fails(SLOW, engine, timeout=1.0)
    assert error.summary == "time-out: ngspice had not ended after 1 s"
    left = set(psutil.Process().children(recursive=True)) - before
    assert not any("ngspice" in " ".join(process.cmdline()) for process in left)
    assert run_deck(rc(), stop=STOP, engine=engine).time[-1] == pytest.approx(STOP)


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "cellnn.netlists.running.worker" in child.cmdline()]


def test_a_worker_killed_in_the_middle_of_a_run_is_an_error_and_is_replaced():
    close_workers()
    run_deck(rc(), stop=STOP, engine="shared")
    (worker,) = workers()
    threading.Timer(1.0, worker.kill).start()
    assert fails(SLOW, "shared").summary == "ngspice died of signal 9 (SIGKILL)"
    assert run_deck(rc(), stop=STOP, engine="shared").time[-1] == pytest.approx(STOP)
    assert [other.pid for other in workers()] != [worker.pid]


def test_a_worker_killed_while_idle_is_replaced():
    run_deck(rc(), stop=STOP, engine="shared")
    for worker in workers():
        worker.kill()
        worker.wait()
    assert run_deck(rc(), stop=STOP, engine="shared").time[-1] == pytest.approx(STOP)


def test_a_worker_is_used_again_and_closed():
    close_workers()
    assert workers() == []
    for _ in range(3):
        run_deck(rc(), stop=STOP, engine="shared")
    (worker,) = workers()
    close_workers()
    assert gone([worker.pid])


@pytest.mark.parametrize("way", ["exit 139", "kill -SEGV $$", "kill -ABRT $$"])
def test_a_crash_is_an_error(way, tmp_path, monkeypatch):
    path = tmp_path / "crashes"
    path.write_text(f"#!/bin/sh\necho some last words >&2\n{way}\n")
    path.chmod(0o755)
    monkeypatch.setenv("NGSPICE", str(path))
    error = fails(rc())
    assert error.summary == f"ngspice died of signal {'6 (SIGABRT)' if 'ABRT' in way else '11 (SIGSEGV)'}"
    assert error.tail == ("some last words",)


def test_a_time_out_kills_what_ngspice_has_started(pretend, tmp_path):
    pretend(f"""
        child = subprocess.Popen(["sleep", "1000"])
        open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    """)
    assert "time-out" in fails(rc(), timeout=2.0).summary
    pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2 and gone(pids)


def test_what_ngspice_leaves_running_is_ended(pretend, tmp_path):
    pretend(f"""
        run()
        child = subprocess.Popen(["sleep", "1000"])
        open({str(tmp_path / "pids")!r}, "w").write(str(child.pid))
    """)
    assert run_deck(rc(), stop=STOP).time[-1] == pytest.approx(STOP)
    assert gone([int((tmp_path / "pids").read_text())])


GARBAGE = {
    "half a raw file": (
        "run(); data = open(RAW, 'rb').read(); open(RAW, 'wb').write(data[:len(data) // 2])",
        "cut off",
    ),
    "half a header": ("run(); data = open(RAW, 'rb').read(); open(RAW, 'wb').write(data[:60])", "within its header"),
    "an empty raw file": ("run(); open(RAW, 'wb')", "raw file is empty"),
    "no raw file": ("run(); os.unlink(RAW)", "wrote no raw file"),
    "no points": (
        "run(); data = open(RAW, 'rb').read(); head = data[: data.index(b'Binary:') + 8]\n"
        "import re; open(RAW, 'wb').write(re.sub(rb'Points: \\d+', b'Points: 0', head))",
        "has no points",
    ),
    "a value that is no number": (
        "import struct; run(); data = bytearray(open(RAW, 'rb').read())\n"
        "at = data.index(b'Binary:') + 8 + 8 * 4 * 100 + 16\n"
        "data[at : at + 8] = struct.pack('d', float('nan')); open(RAW, 'wb').write(data)",
        r"^v_0_0_0_0 is not finite at \S+ s$",
    ),
    "an infinite value": (
        "import struct; run(); data = bytearray(open(RAW, 'rb').read())\n"
        "data[-16:-8] = struct.pack('d', float('inf')); open(RAW, 'wb').write(data)",
        "^v_0_0_0_0 is not finite at 1e-05 s$",
    ),
    "a time that stands": (
        "run(); data = bytearray(open(RAW, 'rb').read()); at = data.index(b'Binary:') + 8 + 32 * 500\n"
        "data[at : at + 8] = data[at - 32 : at - 24]; open(RAW, 'wb').write(data)",
        "runs backwards or stands",
    ),
    "status 0 after an abort": ("run(); print('run simulation(s) aborted', file=sys.stderr)", "aborted"),
    "an error on standard output": ("run(); print('Error: all is lost')", "Error: all is lost"),
    "status 3": ("run(); sys.exit(3)", "exit status 3"),
}


@pytest.mark.parametrize("case", GARBAGE)
def test_garbage_with_a_good_exit_status_is_an_error(case, pretend):
    body, cause = GARBAGE[case]
    pretend(body)
    error = fails(rc())
    assert re.search(cause, error.summary), error.summary
    assert sorted(path.name for path in error.folder.iterdir()) == ["deck.cir", "ngspice.log"]


NEWER = """
if "-r" not in sys.argv:
    print("******\\n** ngspice-45.2 : Circuit level simulation program")
    print("** Compiled with KLU Direct Linear Solver\\n** The U. C. Berkeley CAD Group\\n******")
    print("** XSPICE extensions included\\n** CIDER not included\\n******")
    sys.exit(0)
print("Note: No compatibility mode selected!")
print("Using SPARSE 1.3 as Direct Linear Solver")
print("Warning: can't find the initialization file spinit.", file=sys.stderr)
print("Note: No compatibility mode selected!", file=sys.stderr)
print("Using SPARSE 1.3 as Direct Linear Solver", file=sys.stderr)
print("Operating point simulation skipped by 'uic',\\n  now using transient initial conditions.", file=sys.stderr)
print("Warning: singular matrix:  check node v1\\n\\nNote: Starting dynamic gmin stepping", file=sys.stderr)
print("Trying gmin =   1.0000E-03 Note: One successful gmin step", file=sys.stderr)
print("Warning: Dynamic gmin stepping failed", file=sys.stderr)
print("Supplies reduced to   0.1000% Note: One successful source step", file=sys.stderr)
print("Note: Source stepping completed", file=sys.stderr)
run()
"""


def test_the_notes_of_a_newer_ngspice_are_no_failure(pretend):
    pretend(NEWER)
    waves = run_deck(rc(), stop=STOP, expect=["v_0_0_0_0"])
    assert waves.version == "45.2"
    assert waves.warnings == (
        "Warning: can't find the initialization file spinit.",
        "Warning: singular matrix:  check node v1",
        "Warning: Dynamic gmin stepping failed",
    )
    probe = probe_ngspice().batch
    assert probe.available and probe.version == "45.2" and probe.features == ("XSPICE", "KLU")


def test_a_missing_executable_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("NGSPICE", str(tmp_path / "nowhere"))
    assert "$NGSPICE is" in fails(rc()).summary
    monkeypatch.delenv("NGSPICE")
    monkeypatch.setenv("PATH", str(tmp_path))
    error = fails(rc())
    assert "ngspice is missing" in error.summary and "apt-get install ngspice" in error.summary
    assert probe_ngspice().engines == ("shared",) and "missing" in probe_ngspice().batch.trouble


def test_what_cannot_be_run_is_an_error(monkeypatch, tmp_path):
    path = tmp_path / "not-a-program"
    path.write_bytes(b"\x7fELF no program")
    path.chmod(0o755)
    monkeypatch.setenv("NGSPICE", str(path))
    assert "cannot be run" in fails(rc()).summary


def test_a_missing_library_is_an_error(monkeypatch, tmp_path):
    run_deck(rc(), stop=STOP, engine="shared")  # a worker with the true one is idle
    for path in (tmp_path / "libngspice.so", tmp_path):
        monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(path))
        error = fails(rc(), "shared")
        assert "$NGSPICE_LIBRARY_PATH is" in error.summary and "cannot be loaded" in error.summary
    (tmp_path / "libc.so.6").symlink_to(next(Path("/").glob("lib*/**/libm.so.6")))
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", str(tmp_path / "libc.so.6"))
    assert "did not start" in fails(rc(), "shared").summary  # a library, but not ngspice's
    assert probe_ngspice().engines == ("batch",)
    monkeypatch.delenv("NGSPICE_LIBRARY_PATH")
    assert run_deck(rc(), stop=STOP, engine="shared").time[-1] == pytest.approx(STOP)


def test_the_library_is_found_by_its_file_and_by_its_folder(monkeypatch):
    path = probe_ngspice().shared.path
    monkeypatch.chdir(Path(path).parent)
    for asked in (path, str(Path(path).parent), f"./{Path(path).name}"):
        monkeypatch.setenv("NGSPICE_LIBRARY_PATH", asked)
        assert probe_ngspice().shared.path == path


INTERRUPTED = """
import sys
from cellnn.netlists.running import Job, run_deck, run_decks
from tests.netlists.running_decks import SLOW, STOP
if __name__ == "__main__":
    try:
        if sys.argv[2] == "one":
            run_deck(SLOW, stop=STOP, engine=sys.argv[1])
        else:
            run_decks([SLOW] * 5, 2, stop=STOP, engine=sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
"""


def interrupt(arguments: list[str], number: int, temporary: Path) -> tuple[int, list[int]]:
    """Send a signal to a parent in the middle of its runs: its exit status, and the processes it had started."""
    root = Path(__file__).parent.parent.parent
    parent = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *arguments], cwd=root, env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=hear_ctrl_c,
    )  # fmt: skip
    wanted = 1 if arguments[1] == "one" else 2
    running: list[psutil.Process] = []
    while parent.poll() is None:  # wait for processes that compute
        running = psutil.Process(parent.pid).children(recursive=True)
        if sum(process.cpu_times().user > 0.8 for process in running) >= wanted:
            break
        time.sleep(0.05)
    parent.send_signal(number)
    try:
        return parent.wait(30), [process.pid for process in running]
    except subprocess.TimeoutExpired:  # nothing goes on when the test fails
        for process in (*running, parent):
            process.kill()
        raise


def hear_ctrl_c() -> None:
    """In a new process: tests that were started in the background of a shell ignore Ctrl-C, and pass that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@both
@pytest.mark.parametrize("calls", ["one", "many"])
def test_ctrl_c_leaves_nothing_behind(engine, calls, temporary):
    status, pids = interrupt([engine, calls], signal.SIGINT, temporary)
    assert status == 130
    assert pids and gone(pids)
    assert list(temporary.iterdir()) == []


def test_a_parent_that_is_killed_takes_its_workers_along(temporary):
    status, pids = interrupt(["shared", "many"], signal.SIGKILL, temporary)
    assert status == -signal.SIGKILL
    assert len(pids) == 2 and gone(pids)


def test_a_fork_leaves_the_workers_to_its_parent():
    close_workers()
    run_deck(rc(), stop=STOP, engine="shared")
    (worker,) = workers()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            waves = run_deck(rc(), stop=STOP, engine="shared")
            own = [process.pid for process in workers()]
            close_workers()
            status = 0 if waves.time[-1] > 0.99 * STOP and len(own) == 1 and gone(own) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    run_deck(rc(), stop=STOP, engine="shared")
    assert [other.pid for other in workers()] == [worker.pid]


def test_a_fork_does_not_keep_the_workers_of_its_parent_alive():
    close_workers()
    run_deck(rc(), stop=STOP, engine="shared")
    (worker,) = _idle
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        close_workers()
        assert worker.process.returncode == 0  # it saw the pipe close, and had not to be killed
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_threads_share_the_workers():
    results = run_decks([rc(float(R)) for R in range(1000, 1020)], 3, stop=STOP, engine="shared")
    assert len({waves["v_0_0_0_0"][-1] for waves in results}) == 20
    assert len(workers()) <= 3
