"""Workers: processes of this machine, or those of a Dask scheduler."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..devices.errors import CellnnError, InputError

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 60.0
"""Seconds to wait for a first worker."""
ANSWER = 10.0
"""Seconds to wait for a scheduler."""
ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?:[\w.-]+|\[[0-9A-Fa-f:.]+(?:%\w+)?\]):(?P<port>[0-9]{1,5})")
"""Dask waits for ever for some that are none."""
WORKERS = "dask worker ADDRESS --nthreads 1 --nworkers N"
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CELLNN_THREADS")}

SETTINGS = {
    "distributed.scheduler.allowed-failures": 3,
    "distributed.admin.tick.limit": "1h",
    # Dask's profiler keeps a tree of calls for each second of an hour: 150 KB each, more than a thousand chips hold
    "distributed.worker.profile.enabled": False,
}


class SweepError(CellnnError):
    """A study cannot go on; what it has written stays, and the same command goes on from there."""


@contextmanager
def connected(workers: int | None, scheduler: str | None, patience: float = PATIENCE) -> Iterator[Client]:
    """A client of so many worker processes of this machine (default: one for each core), or of a scheduler that runs.

    Raises InputError for a scheduler that does not answer, SweepError where no worker comes.
    """
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask.config.set(SETTINGS)
    check_asked(workers, scheduler)
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=ANSWER)
        except (OSError, TypeError, ValueError) as error:  # TypeError: TLS that has not been set up
            reason = " ".join(str(error).split())
            raise InputError("--scheduler", scheduler, "the address of a Dask scheduler that runs", reason) from None
        with client:
            _await(client, patience)
            _require_one_thread(client, scheduler)
            yield client
        return
    count = workers or cores()
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    with (
        LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL, env=ONE_THREAD,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        _await(client, patience)
        yield client


def check_asked(workers: int | None, scheduler: str | None) -> None:
    """InputError for what cannot be an address, and for workers where the scheduler has its own."""
    if scheduler is None:
        return
    if workers is not None:
        raise InputError("--workers", workers, "no number of workers with --scheduler", "it has workers of its own")
    found = ADDRESS.fullmatch(scheduler)
    if found is None or not 0 < int(found["port"]) < 2**16:
        raise InputError("--scheduler", scheduler, "the address of a Dask scheduler, such as tcp://HOST:8786")


def dashboard(client: Client) -> str:
    """Where the dashboard is, or that there is none."""
    services: dict[str, Any] = client.scheduler_info(n_workers=0).get("services", {})
    return str(client.dashboard_link) if "dashboard" in services else "none"


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_of_worker(client: Client) -> float:
    """Bytes of the smallest worker; what the machine has for each where workers have no limit."""
    import psutil

    known = client.scheduler_info(n_workers=-1)["workers"].values()
    limits = [float(worker["memory_limit"]) for worker in known if worker["memory_limit"]]
    return min(limits) if limits else psutil.virtual_memory().available / max(1, len(known))


def _await(client: Client, patience: float) -> None:
    from distributed import TimeoutError as NoWorker

    try:
        client.wait_for_workers(1, timeout=patience)
    except (TimeoutError, NoWorker):
        raise SweepError(f"no worker has come within {patience:g} s; start some: {WORKERS}") from None


def _require_one_thread(client: Client, scheduler: str) -> None:
    """InputError for workers of several threads: runs of one process take turns, so all but one of them would wait."""
    most = max(client.nthreads().values(), default=1)
    if most > 1:
        told = f"{scheduler}, whose workers have up to {most} threads"
        raise InputError("--scheduler", told, "workers of one thread each", WORKERS)
