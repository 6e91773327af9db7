"""How runs fail: one message each, with the time, the cell and the way out."""

from __future__ import annotations

from ..devices.errors import SimulationError
from .problem import Problem

SHORTER = "a shorter run.step, or method: adaptive"


def advice(problem: Problem) -> str:
    """What a user may do about an array whose steps become too many or too short."""
    memristive = "x" in problem.array.cell.states
    return "raise run.rtol and run.atol, or " + ("lower cell.voltage_unit" if memristive else "shorten run.stop")


def cell(problem: Problem, where: int, sample: int) -> str:
    """`state v of cell (channel 0, row 3, column 4)`, and which sample's where there are several."""
    return problem.cell_at(where) + (f" of sample {sample}" if problem.samples > 1 else "")


def collapsed(problem: Problem, h: float, t: float, where: int, sample: int) -> SimulationError:
    """No step was short enough."""
    return SimulationError(
        f"the step size collapsed to {h:.3g} s at t = {t:.6g} s in {cell(problem, where, sample)}: the equations "
        f"are too stiff here; {advice(problem)}"
    )


def too_many(problem: Problem, steps: int, t: float, stop: float, where: int, sample: int) -> SimulationError:
    """The limit of steps is reached."""
    return SimulationError(
        f"{steps} steps were not enough: t = {t:.6g} s of {stop:g} s, worst {cell(problem, where, sample)}; "
        f"{advice(problem)}"
    )


def too_many_fixed(count: int, step: float, most: int) -> SimulationError:
    """Fixed steps beyond all measure, refused before the first."""
    return SimulationError(
        f"{count} steps of {step:g} s are more than {most}: raise run.step, shorten run.stop, or use adaptive"
    )


def not_finite(problem: Problem, t: float, where: int, sample: int, way_out: str = SHORTER) -> SimulationError:
    """A state, or a rate at the start, is infinite or no number."""
    return SimulationError(f"the state is not finite at t = {t:.6g} s in {cell(problem, where, sample)}: try {way_out}")


def ran_away(problem: Problem, volts: float, t: float, where: int, sample: int) -> SimulationError:
    """A fixed step too long for the array swings ever higher: past what its equations allow, it has failed."""
    return SimulationError(
        f"the state ran away: {volts:.3g} V at t = {t:.6g} s in {cell(problem, where, sample)}, more than the weights "
        f"can drive it to: try {SHORTER}"
    )
