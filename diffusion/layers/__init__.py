"""Arrays of cells as torch layers."""

from .as_circuit import array_of, circuit_of, run_of, spec_of, template_of
from .cellnn import CellNN, MCellNN
from .dynamics import ArrayDynamics
from .integration import Adaptive, FixedSteps, Integration
from .second_order import SecondOrderCellNN

__all__ = [
    "Adaptive",
    "ArrayDynamics",
    "CellNN",
    "FixedSteps",
    "Integration",
    "MCellNN",
    "SecondOrderCellNN",
    "array_of",
    "circuit_of",
    "run_of",
    "spec_of",
    "template_of",
]
