"""What a deployed network costs: energy and time, from the waveforms of its arrays and stated assumptions."""

from .cost import Cost, cost_of
from .section import section

__all__ = ["Cost", "cost_of", "section"]
