"""What sets made arrays apart from designed ones: the effects that are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...devices.parameter import check_parameters, parameter
from ...devices.variability.converter import Converter
from ...devices.variability.effect import ConductanceEffect
from ...devices.variability.faults import StuckAt
from ...devices.variability.lines import LineResistance
from ...devices.variability.op_amps import OpAmps
from ...devices.variability.pair import ConductancePair
from ...devices.variability.programming import Programming
from ...devices.variability.quantiser import Quantiser
from ...devices.variability.read_noise import ReadNoise
from ...devices.variability.relaxation import PowerLaw, Relaxation
from ...devices.variability.spread import Spread
from ...devices.variability.temperature import Temperature
from ..noise import ThermalNoise


@dataclass(frozen=True)
class Hardware:
    """Each effect is off as long as nothing else is said; so `Hardware()` is the design itself."""

    pair: ConductancePair = ConductancePair()
    """The devices weights are made of, two for each."""
    quantiser: Quantiser | None = None
    programming: Programming | None = None
    faults: StuckAt | None = None
    drift: Relaxation | PowerLaw | None = None
    read: ReadNoise | None = None
    weights: Spread = Spread()
    """Of every synapse: of A, B and z alike."""
    gain: Spread = Spread()
    """Of each cell's summing node: a factor on all that drives it."""
    offset: Spread = Spread()
    """Of each cell's summing node, in units of V1: adds to its bias."""
    parameters: Mapping[str, Spread] = field(default_factory=dict)
    """Of the cells' parameters, by the names of `devices.parameter.flat_parameters`: `R`, `C`, `memristor_Gm`."""
    x0: Spread = Spread()
    """Of the memristors' start."""
    into: Converter | None = None
    """At the input."""
    out: Converter | None = None
    """At the output."""
    lines: LineResistance = LineResistance()
    """Between neighbours."""
    temperature: Temperature = Temperature()
    op_amps: OpAmps | None = None
    """Of every cell; None: ideal ones."""
    time_scale: float = parameter(1.0, "1", "how many times slower cells are built, C larger by it", low=1, high=1e9)
    """Part of the design, as the devices are: `stop` counts it in, memristors do not."""
    thermal: ThermalNoise | None = None
    jitter: float = parameter(0.0, "1", "relative standard deviation of the time at which a run stops", low=0, high=0.5)

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    def programmed(self) -> list[ConductanceEffect]:
        """What makes conductances differ from those asked for until they are programmed again, in this order."""
        chain = (self.quantiser, self.programming, self.drift, self.faults)
        return [effect for effect in chain if effect is not None and effect.active]

    @property
    def read_noise(self) -> list[ReadNoise]:
        """What moves them from run to run."""
        return [self.read] if self.read is not None and self.read.active else []
