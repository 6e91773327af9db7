"""What a run was made with: versions, the commit, the machine's part in it."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import torch

PACKAGES = ("cellnn", "numpy", "safetensors", "torch")


def versions() -> dict[str, str]:
    """The versions a run depends on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def commit() -> str | None:
    """The git commit of this program, with `-dirty` where files differ from it; None when it is installed otherwise."""
    here = Path(__file__).resolve()
    if _git(here.parent, "ls-files", "--error-unmatch", here.name) is None:
        return None  # some other project's repository around an installed copy
    return _git(here.parent, "describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*")


def machine(device: torch.device) -> dict[str, str | int]:
    """The device a run is computed on, and how many threads torch takes there."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {"device": device.type, "processor": name, "threads": torch.get_num_threads()}


def _git(folder: Path, *words: str) -> str | None:
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
