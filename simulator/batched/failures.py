"""How the run of a batch fails: when, in which cell of which sample, and the way out."""

from __future__ import annotations

from ...circuits.spec.models import RunSpec
from ...devices.errors import SimulationError
from ..problem import Problem

MAX_STEPS = 2_000_000
MAX_REJECTIONS = 300
SHORTEST_STEP = 1e-250
"""Seconds: bounded exponentials ask for no shorter one; what does has run away."""
SHORTER = "a shorter run.step, or method: adaptive"


class Failures:
    """The errors of one problem."""

    def __init__(self, problem: Problem, run: RunSpec) -> None:
        self._problem, self._run = problem, run
        memristive = "x" in problem.array.cell.states
        way_out = "lower cell.voltage_unit" if memristive else "shorten run.stop"
        self._advice = f"raise run.rtol and run.atol, or {way_out}"

    def cell(self, sample: int, flat_index: int) -> str:
        """`state v of cell (channel 0, row 3, column 4)`, and which sample's where there are several."""
        where = self._problem.cell_at(flat_index)
        return where if self._problem.samples == 1 else f"{where} of sample {sample}"

    def too_many_fixed(self, count: int, step: float) -> SimulationError:
        """More steps asked for than any run may take."""
        return SimulationError(
            f"{count} steps of {step:g} s are more than {MAX_STEPS}: raise run.step, shorten run.stop, or use adaptive"
        )

    def not_finite(self, sample: int, flat_index: int, t: float, advice: str = SHORTER) -> SimulationError:
        """A state that is no number."""
        return SimulationError(
            f"the state is not finite at t = {t:.6g} s in {self.cell(sample, flat_index)}: try {advice}"
        )

    def ran_away(self, sample: int, flat_index: int, t: float, volts: float) -> SimulationError:
        """A fixed step too long for the array swings ever higher: past what its equations allow, it has failed."""
        return SimulationError(
            f"the state ran away: {volts:.3g} V at t = {t:.6g} s in {self.cell(sample, flat_index)}, more than the "
            f"weights can drive it to: try {SHORTER}"
        )

    def collapsed(self, sample: int, flat_index: int, t: float, h: float) -> SimulationError:
        """A step that had to be shortened beyond all measure."""
        return SimulationError(
            f"the step size collapsed to {h:.3g} s at t = {t:.6g} s in {self.cell(sample, flat_index)}: the equations "
            f"are too stiff here; {self._advice}"
        )

    def too_many(self, sample: int, flat_index: int, t: float) -> SimulationError:
        """More steps taken than any run may take."""
        return SimulationError(
            f"{MAX_STEPS} steps were not enough: t = {t:.6g} s of {self._run.stop:g} s, "
            f"worst {self.cell(sample, flat_index)}; {self._advice}"
        )
