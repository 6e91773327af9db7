"""The torch device a run is asked to use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ...devices.errors import InputError, did_you_mean

SMALL = 2**15
"""Values below which torch itself does not divide elementwise work; the libraries below it do, and wait for threads."""

DTYPES = {"double": torch.float64, "single": torch.float32}


def torch_device(name: str) -> torch.device:
    """The device of this name (`cpu`, `cuda`, `cuda:1`). Raises InputError for one that is not there."""
    there = devices_there()
    try:
        device = torch.device(name)
        if device.type == "cuda" and device.index is None and len(there) > 1:
            device = torch.device("cuda", torch.cuda.current_device())
    except (RuntimeError, TypeError):  # no name of a device at all
        device = None
    # torch numbers the CPU too: cpu:0 is the cpu
    known = device is not None and (device.type == "cpu" or str(device) in there)
    if device is None or not known:
        hint = "torch sees no CUDA device" if str(name).startswith("cuda") and len(there) == 1 else ""
        raise InputError("device", name, f"a device that is there: {_listed(there)}", hint or did_you_mean(name, there))
    return device


def torch_dtype(precision: str) -> torch.dtype:
    """The number format of this name. Raises InputError for another name."""
    if precision not in DTYPES:
        raise InputError("precision", precision, " or ".join(DTYPES), did_you_mean(precision, DTYPES))
    return DTYPES[precision]


def devices_there() -> dict[str, str]:
    """The devices a run can use, and the GPUs' models."""
    cuda = {f"cuda:{k}": torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())}
    return {"cpu": "", **cuda}


@contextmanager
def fitting(device: torch.device, values: int) -> Iterator[None]:
    """torch's settings for integrating so many values (states, samples and cells together) on the device."""
    threads = torch.get_num_threads()
    if device.type == "cpu" and values < SMALL:
        torch.set_num_threads(1)
    try:
        # cuDNN rounds float32 factors to 10 bits unless told not to: fine for pictures, not for trajectories
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False):
            yield
    finally:
        torch.set_num_threads(threads)


def _listed(there: dict[str, str]) -> str:
    return ", ".join(f"{name} ({what})" if what else name for name, what in there.items())
