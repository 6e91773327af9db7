"""The cluster a study asks for: its address, its dashboard, its workers' threads; in this process."""

import urllib.request

import dask
import pytest
from distributed import Client, LocalCluster

from cellnn.devices.errors import InputError
from cellnn.sweep import cluster, run

LOCAL = {"n_workers": 1, "processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": None}


@pytest.mark.parametrize(
    "address",
    ["", "foo", "http://127.0.0.1:9", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536", "tcp://[::1:9"],
)
def test_what_is_no_address_is_told_before_anything_is_made(address, study, write_study, tmp_path, cellnn_command):
    done = cellnn_command("sweep", write_study(study), "-o", tmp_path / "out", "--scheduler", address)
    expected = f"--scheduler: got {address!r}; expected the address of a Dask scheduler, such as tcp://HOST:8786"
    assert done.status == 2 and expected in done.err and done.err.count("\n") == 1, done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("address", "why"), [("tls://127.0.0.1:9", "TLS"), ("tcp://127.0.0.1:9", "Timed out")])
def test_a_scheduler_that_does_not_answer_is_told(
    address, why, study, write_study, tmp_path, cellnn_command, monkeypatch
):
    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    done = cellnn_command("sweep", write_study(study), "-o", tmp_path / "out", "--scheduler", address)
    expected = f"--scheduler: got {address!r}; expected the address of a Dask scheduler that runs ({why}"
    assert done.status == 2 and expected in done.err and "Traceback" not in done.err, done.err


def test_workers_are_the_schedulers_own():
    with pytest.raises(InputError, match="--workers: got 2; expected no number of workers with --scheduler"):
        cluster.check_asked(2, "tcp://127.0.0.1:8786")


@pytest.mark.parametrize("threads", [1, 2])
def test_workers_of_several_threads_are_refused(threads):
    with LocalCluster(**LOCAL, threads_per_worker=threads) as there:
        if threads == 1:
            with cluster.connected(None, there.scheduler_address) as client:
                assert list(client.nthreads().values()) == [1]
            return
        with (
            pytest.raises(InputError, match=r"workers have up to 2 threads'; expected workers of one .*--nthreads 1"),
            cluster.connected(None, there.scheduler_address),
        ):
            pass


def test_workers_of_this_machine_keep_no_profile():
    with cluster.connected(1, None) as client:
        told = client.run(dask.config.get, "distributed.worker.profile.enabled")
    assert list(told.values()) == [False]


def test_the_dashboard_is_a_page():
    with LocalCluster(**LOCAL | {"n_workers": 0, "dashboard_address": "127.0.0.1:0"}) as there, Client(there) as client:
        address = cluster.dashboard(client)
        assert address.startswith("http://127.0.0.1:")
        assert b"Dask" in urllib.request.urlopen(address, timeout=60).read()


def test_what_is_shown_on_ctrl_c_goes_on_as_it_was_asked(study, write_study, tmp_path, cellnn_command, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "run_study", interrupted)
    path, out = write_study(study), tmp_path / "out"
    for asked in (["--workers", "4", "--task-seconds", "0.5"], ["--scheduler", "tcp://127.0.0.1:9"], []):
        done = cellnn_command("sweep", path, "-o", out, *asked)
        assert done.status == 130 and done.err.strip().endswith(" ".join(["cellnn sweep", f"{path} -o {out}", *asked]))
