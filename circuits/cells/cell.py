"""The base of cell circuits: states, their local rates, and the output; coupling is the simulator's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any, ClassVar

from ...devices.parameter import check_parameters, parameter
from ..outputs import OutputStage, Saturation


@dataclass(frozen=True)
class CellCircuit(ABC):
    """A cell: parameters with units, and equations that read like the paper.

    `rates`, `output` and `noise_conductance` are called once with symbols, and compiled. Raises InputError when a
    parameter is not finite or out of its range.
    """

    name: ClassVar[str]
    states: ClassVar[tuple[str, ...]]
    """The state variables, the voltage `v` [V] first, a memristor's `x` [1] second."""
    paper: ClassVar[str]
    noisy_state: ClassVar[int] = 0
    """The place in `states` of the one whose rate thermal noise drives."""

    C: float = parameter(1e-9, "F", "capacitance of the cell", low=1e-18, high=1)
    R: float = parameter(1e3, "Ohm", "resistance of the cell", low=1e-3, high=1e12)
    V1: float = parameter(1.0, "V", "volts per normalised unit", low=1e-6, high=1e3)
    stage: OutputStage = Saturation()

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    def components(self) -> tuple[Any, ...]:
        """The cell and the devices in it: what holds equations."""
        return (self, *(part for part in vars(self).values() if is_dataclass(part)))

    def start(self, v: Any, x: Any) -> tuple[Any, ...]:
        """All states at the start, where the voltage is v [V] and the memristor's state, if there is one, x [1]."""
        return (v, x)[: len(self.states)]

    def units(self) -> tuple[float, ...]:
        """What one unit of each state is: V1 of voltages, 1 of memristor states. Absolute tolerances count in it."""
        return tuple(self.V1 if name == "v" else 1.0 for name in self.states)

    def loaded(self, weights: Callable[[], float]) -> CellCircuit:
        """The cell in an array in which the |weights| at a cell sum up to what the function says: templates of
        controlled sources do not load a cell, so none needs to sum them."""
        return self

    @property
    def shortest_time(self) -> Any:
        """The time [s] that equal steps, unless they are told otherwise, are a hundredth of: RC."""
        return self.R * self.C

    @property
    def swing_time(self) -> Any:
        """The time [s] in which v follows a drive, whatever settles faster beside it: RC."""
        return self.R * self.C

    def settling(self) -> tuple[float, ...]:
        """What the rates of the states [V/s] are multiplied by where a run ends at rest: all are then below the bound,
        settle V1/RC. 0: whether that state rests is not asked, as it follows v or changes for ever."""
        return (1.0, *(0.0,) * (len(self.states) - 1))

    def voltage_bound(self, ideal: float) -> Any:
        """Volts |v| does not pass where the equation of an ideal cell, without memristor, keeps it below `ideal`."""
        return ideal

    def measured(self, *states: Any) -> dict[str, tuple[str, str, Any]]:
        """What results have beside state, output and memristor: by name, what it is, its unit and its values."""
        return {}

    @abstractmethod
    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """The time derivative of each state, from drive = sum A y + sum B u + z V1 [V] and the states."""

    @abstractmethod
    def output(self, *states: Any) -> Any:
        """The output y [V]."""

    @abstractmethod
    def noise_conductance(self, *states: Any) -> Any:
        """The conductance G [S] from the cell's node to ground whose thermal noise the node sees, at these states.

        Its current noise is white, of two-sided spectral density 2 k T G [A^2/Hz] (H. Nyquist, Phys. Rev. 32, 110
        (1928)). Controlled sources, and so templates, have none.
        """

    def noise_gain(self) -> Any:
        """What that current does to the rate of the noisy state: 1/C [V/s per A]."""
        return 1 / self.C
