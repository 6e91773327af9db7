"""A closed loop: how often the network answers, how its answers are held, how the ramp runs, what is not ideal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ....devices.errors import InputError
from ....devices.parameter import check_parameters, parameter
from ...process import Prediction, Schedule
from .gains import Gains
from .integrator import Integrator
from .noise_source import NoiseDesign, NoiseSource
from .ramp_errors import RampErrors
from .ramps import RAMPS, find_ramp

Hold = Literal["answer", "extrapolated"]


@dataclass(frozen=True)
class Loop:
    """The ramp takes T = answers x latency; each answer is held for one latency, a window.

    Without `late` the integrators wait, their inputs open, while the network runs: each window uses the answer to the
    state at its own beginning, and a picture takes 2 T. With `late` they go on: each window uses the answer to the
    state at the beginning of the window before, and a picture takes T + latency, the first for the first answer.

    `hold` is `answer`, the answer as it is, or `extrapolated`: with two of them held, newest + a (newest - previous),
    a = 1/2 or, with `late`, 3/2, is where a straight line through both stands in the middle of the window: two
    resistors more, and the second order in 1/answers (the coefficients of Adams and Bashforth).
    """

    answers: int = 50
    latency: float = parameter(10e-6, "s", "from a state to the network's answer", low=1e-12, high=1e3)
    ramp: str = "angle"
    late: bool = False
    hold: Hold = "answer"
    integrator: Integrator = Integrator()
    ramp_errors: RampErrors = RampErrors()
    noise: NoiseSource | None = None
    """None: the probability-flow ODE."""
    substeps: int = 4
    """Of the simulation, in each window."""
    seeds: Mapping[str, int] = field(default_factory=dict)
    """`mismatch`, the chip (0), and `noise`, the run (1)."""

    def __post_init__(self) -> None:
        check_parameters(self)
        for name, least in (("answers", 1), ("substeps", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 1_000_000:
                raise InputError(name, value, f"a whole number from {least} to 1000000")
        if self.hold not in ("answer", "extrapolated"):
            raise InputError("hold", self.hold, "answer or extrapolated")
        if self.ramp not in RAMPS:
            raise InputError("ramp", self.ramp, f"one of {', '.join(RAMPS)}")

    @property
    def ramp_time(self) -> float:
        """How long the ramp takes [s]."""
        return self.answers * self.latency

    @property
    def duration(self) -> float:
        """How long a picture takes [s], without loading the start and reading the end."""
        return self.ramp_time + self.latency if self.late else 2.0 * self.ramp_time

    def gains(self, schedule: Schedule, prediction: Prediction) -> Gains:
        """Of its multiplying stages. Raises InputError where the ramp does not keep them bounded."""
        spectrum = self.noise.spectrum if self.noise else None
        strength = self.noise.strength if self.noise else 0.0
        return Gains(find_ramp(self.ramp, schedule), prediction, spectrum, strength)

    def stages(self, gains: Gains) -> tuple[float, float]:
        """Full-scale gains of the stages of x and of the answer, the two resistors of an extrapolated one counted."""
        of_x, of_answer = gains.full_scale
        reach = self.reach(1)
        return of_x, of_answer * (1.0 + 2.0 * reach)

    def reach(self, window: int) -> float:
        """How many windows lie between the newest answer's state and the middle of a window, if that matters."""
        if self.hold == "answer":
            return 0.0
        return 1.5 if self.late and window > 0 else 0.5

    def noise_design(self, gains: Gains) -> NoiseDesign | None:
        """The noise's circuit; None without noise, and for white noise, which has none."""
        if self.noise is None or self.noise.correlation == 0.0 or self.noise.strength == 0.0:
            return None
        return self.noise.design(gains.largest_density, self.ramp_time, self.integrator.C, self.integrator.V1)

    def described(self, schedule: Schedule, prediction: Prediction) -> dict[str, Any]:
        """What it amounts to, for a report: times [s], gains per ramp, resistors [Ohm], the noise's circuit."""
        gains = self.gains(schedule, prediction)
        stages = dict(zip(("x", "answer"), self.stages(gains), strict=True))
        design = self.noise_design(gains)
        return {
            "ramp": self.ramp, "answers": self.answers, "latency": self.latency, "late": self.late, "hold": self.hold,
            "ramp_time": self.ramp_time, "duration": self.duration,
            "gains": stages,
            "resistors": {name: self.integrator.resistor(g, self.ramp_time) for name, g in stages.items() if g > 0.0},
            "capacitor": self.integrator.C, "V1": self.integrator.V1,
            "noise": None if design is None else vars(design),
        }  # fmt: skip
