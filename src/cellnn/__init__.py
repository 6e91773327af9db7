"""cellnn: arrays of analog cells, described once, simulated fast, checked against SPICE, trained in torch.

>>> import cellnn
>>> result = cellnn.simulate(cellnn.load("spec.yaml"))
>>> result["layer1"].output.isel(time=-1)
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .circuits.circuit import Circuit
    from .circuits.spec.load import load
    from .devices.errors import CellnnError, InputError, SimulationError
    from .diffusion.measures.evaluation import evaluate_images
    from .diffusion.training.load_run import load_run
    from .netlists.crosscheck import crosscheck
    from .netlists.export import export_deck
    from .simulator.result import open_result, save
    from .simulator.simulate import simulate

__version__ = version("cellnn")

# imported on first use, so that `import cellnn` and the command line start at once
_LAZY = {
    "load": "circuits.spec.load",
    "Circuit": "circuits.circuit",
    "simulate": "simulator.simulate",
    "export_deck": "netlists.export",
    "crosscheck": "netlists.crosscheck",
    "save": "simulator.result",
    "open_result": "simulator.result",
    "load_run": "diffusion.training.load_run",
    "evaluate_images": "diffusion.measures.evaluation",
    "CellnnError": "devices.errors",
    "InputError": "devices.errors",
    "SimulationError": "devices.errors",
}

__all__ = [
    "CellnnError",
    "Circuit",
    "InputError",
    "SimulationError",
    "__version__",
    "crosscheck",
    "evaluate_images",
    "export_deck",
    "load",
    "load_run",
    "open_result",
    "save",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'cellnn' has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
    return found
