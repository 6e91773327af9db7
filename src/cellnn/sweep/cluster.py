"""Workers: processes of this machine, or those of a Dask scheduler."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..devices.errors import CellnnError, InputError

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 60.0
"""Seconds to wait for a first worker."""
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CELLNN_THREADS")}


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
    dask.config.set({"distributed.scheduler.allowed-failures": 3, "distributed.admin.tick.limit": "1h"})
    if scheduler is not None:
        if workers is not None:
            raise InputError("--workers", workers, "no number of workers with --scheduler", "it has workers of its own")
        try:
            client = Client(scheduler, timeout=10.0)
        except (OSError, TimeoutError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise InputError("--scheduler", scheduler, "the address of a Dask scheduler that runs", reason) from None
        with client:
            _await(client, patience)
            yield client
        return
    count = workers or cores()
    # bokeh draws the dashboard; without it there is none
    address = "127.0.0.1:0" if has_dashboard() else None
    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
    with (
        LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, dashboard_address=address,
            silence_logs=logging.CRITICAL, env=ONE_THREAD,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        _await(client, patience)
        yield client


def has_dashboard() -> bool:
    """Whether what Dask's dashboard is drawn with is installed."""
    return importlib.util.find_spec("bokeh") is not None


def dashboard(client: Client) -> str:
    """Where the dashboard is, or why there is none."""
    link = str(client.dashboard_link)
    services: dict[str, Any] = client.scheduler_info(n_workers=0).get("services", {})
    if "dashboard" in services and has_dashboard():
        return link
    return "none, as bokeh is not installed where the scheduler runs (pip install bokeh)"


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
        raise SweepError(f"no worker has come within {patience:g} s; start some: dask worker ADDRESS") from None
