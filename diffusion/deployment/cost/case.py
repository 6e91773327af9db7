"""Measured runs under one set of assumptions: energy and time of layers, of an evaluation, of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from .assumptions import Assumption, BoardSpec, stated
from .layer import LayerRun


@dataclass(frozen=True)
class EnergyParts:
    """J."""

    resistors: float = 0.0
    """The cells' R."""
    memristors: float = 0.0
    capacitors: float = 0.0
    """Charged, and emptied for the next run."""
    feedback: float = 0.0
    """Pairs of conductances of A."""
    input: float = 0.0
    """Those of B."""
    drive: float = 0.0
    """Resistors between summing amplifier and integrator."""
    output_stages: float = 0.0
    """What the amplifiers' outputs lose between a rail and what they deliver."""
    quiescent: float = 0.0
    converters: float = 0.0
    programming: float = 0.0
    """Memristors put back to their starts."""
    digital: float = 0.0

    def plus(self, other: EnergyParts, times: float = 1.0) -> EnergyParts:
        """This and so many times the other."""
        sums = {one.name: getattr(self, one.name) + times * getattr(other, one.name) for one in fields(self)}
        return EnergyParts(**sums)

    @property
    def total(self) -> float:
        """J."""
        return float(sum(getattr(self, one.name) for one in fields(self)))


@dataclass(frozen=True)
class TimeParts:
    """s, one after the other."""

    input_conversions: float = 0.0
    runs: float = 0.0
    output_conversions: float = 0.0
    digital: float = 0.0

    @property
    def total(self) -> float:
        """s."""
        return self.input_conversions + self.runs + self.output_conversions + self.digital


@dataclass(frozen=True)
class LayerCost:
    """Of one run."""

    name: str
    energy: EnergyParts
    joules: float
    """All parts."""
    time: TimeParts
    seconds: float
    operations_per_joule: float
    fits: bool
    """Whether its voltages stay within the rails: half the supply on either side."""


@dataclass(frozen=True)
class Case:
    """Energy and time under one set of assumptions."""

    name: str
    assumptions: dict[str, Assumption]
    layers: list[LayerCost]
    energy: EnergyParts
    """Of a picture."""
    joules: float
    time: TimeParts
    """Of a picture."""
    seconds: float
    evaluation_seconds: float
    digital_joules: float
    """What a picture would take were the arrays' multiplications, counted once for a run, digital too."""
    operations_per_joule: float
    """Of the arrays, with all that they take: everything but the digital rest."""
    operations_per_second: float
    """Of the arrays, while a picture is drawn."""


def case_of(name: str, runs: Sequence[LayerRun], macs: int, evaluations: int, spec: BoardSpec) -> Case:
    """The runs of one evaluation, in sequence, with so many digital multiplications; a picture asks `evaluations`
    times."""
    times = [_time(run, spec) for run in runs]
    digital = TimeParts(digital=macs / spec.mac_rate)
    evaluation = sum(one.total for one in times) + digital.total
    layers = []
    for run, time in zip(runs, times, strict=True):
        on = {"run": time.runs, "block": time.total, "always": evaluation}[spec.powered]
        energy = _energy(run, spec, on)
        fits = run.energy.largest <= spec.supply / 2
        layers.append(LayerCost(run.name, energy, energy.total, time, time.total, run.operations / energy.total, fits))
    whole = EnergyParts(digital=evaluations * macs * spec.mac_energy)
    for layer in layers:
        whole = whole.plus(layer.energy, evaluations)
    parts = {
        one.name: evaluations * sum(getattr(time, one.name) for time in [*times, digital]) for one in fields(TimeParts)
    }
    operations = evaluations * sum(run.operations for run in runs)
    seconds = evaluations * evaluation
    return Case(
        name,
        stated(spec),
        layers,
        whole,
        whole.total,
        TimeParts(**parts),
        seconds,
        evaluation,
        (operations / 2 + evaluations * macs) * spec.mac_energy,
        operations / (whole.total - whole.digital),
        operations / seconds,
    )


def _time(run: LayerRun, spec: BoardSpec) -> TimeParts:
    """Of one run; what resets an array, and the conversions of bias and gain, are done meanwhile."""
    sequence = {"cell": 1, "row": run.columns, "plane": run.rows * run.columns}[spec.converters]
    each = sequence * spec.conversion_time
    return TimeParts(input_conversions=each, runs=run.stop, output_conversions=each)


def _energy(run: LayerRun, spec: BoardSpec, on: float) -> EnergyParts:
    """Of one run, the amplifiers being on for so many seconds."""
    plane = run.rows * run.columns
    amplifiers = run.cells * spec.amplifiers_per_cell + run.inputs * plane * spec.amplifiers_per_input
    into, out = (2.0 ** (spec.bits if bits is None else bits) for bits in run.bits)
    # gain and bias of the diffusion step come in too, one of each for every channel
    steps = into * (run.inputs * plane + 2 * run.channels) + out * run.cells
    found, memristors = run.energy, run.cells if run.drift > 0.0 else 0
    return EnergyParts(
        resistors=found.resistors,
        memristors=found.memristors,
        capacitors=found.capacitors,
        feedback=found.feedback,
        input=found.input,
        drive=found.drive,
        # a class B stage takes its current from one rail: half the supply; none where an array does not fit the rails
        output_stages=max(0.0, 0.5 * spec.supply * found.charge - found.outputs),
        quiescent=amplifiers * spec.amplifier_current * spec.supply * on,
        converters=steps * spec.conversion_energy,
        programming=run.moved * memristors * spec.reset_energy,
    )
