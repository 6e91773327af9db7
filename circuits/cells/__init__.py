"""Cell circuits, one per file, built from devices."""

from .cell import CellCircuit
from .chua_yang import ChuaYang
from .m_cellnn import MCellNN
from .op_amp import MemristiveOpAmpCell, OpAmpCell
from .second_order import SecondOrder

CELL_CIRCUITS: dict[str, type[CellCircuit]] = {cell.name: cell for cell in (ChuaYang, MCellNN, OpAmpCell, SecondOrder)}

__all__ = ["CELL_CIRCUITS", "CellCircuit", "ChuaYang", "MCellNN", "MemristiveOpAmpCell", "OpAmpCell", "SecondOrder"]
