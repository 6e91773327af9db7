"""Arrays of cells as torch layers."""

from .as_circuit import array_of, circuit_of, run_of, spec_of, template_of
from .cellnn import CellNN, MCellNN
from .dynamics import ArrayDynamics
from .integration import Adaptive, FixedSteps, Integration

__all__ = [
    "Adaptive",
    "ArrayDynamics",
    "CellNN",
    "FixedSteps",
    "Integration",
    "MCellNN",
    "array_of",
    "circuit_of",
    "run_of",
    "spec_of",
    "template_of",
]
