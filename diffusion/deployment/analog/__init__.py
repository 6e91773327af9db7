"""Pictures by the array's own dynamics: integrators in a closed loop with the network, diffusion time as a ramp."""

from .gains import Gains
from .integrator import Integrator
from .loop import Loop
from .noise_source import NoiseDesign, NoiseSource
from .ramp_errors import RampErrors
from .ramps import RAMPS, Ramp, find_ramp
from .record import AnalogRun
from .sample import analog_sample

__all__ = [
    "RAMPS", "AnalogRun", "Gains", "Integrator", "Loop", "NoiseDesign", "NoiseSource", "Ramp", "RampErrors",
    "analog_sample", "find_ramp",
]  # fmt: skip
