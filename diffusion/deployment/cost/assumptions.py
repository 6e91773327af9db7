"""What the waveforms cannot say, assumed: amplifiers, converters, digital arithmetic, the programming of memristors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ....circuits.spec.fields import Section, quantity, whole

Powered = Literal["run", "block", "always"]
AtOnce = Literal["cell", "row", "plane"]
ASSUMED = "assumed"
HOROWITZ = "32-bit floating point in 45 nm, 3.7 pJ + 0.9 pJ, without memory: M. Horowitz, ISSCC (2014), p. 10"
PATEL = "19.5 uW at 1.8 V, 8 MHz, 180 nm, simulated: P. D. Patel, K. A. Shah, IJSR (2013), IJSRON2013623"
SHIKATA = (
    "8 bits, 7.5 of them effective, 1.1 MS/s: A. Shikata et al., Symposium on VLSI Circuits (2011), in B. E. Jonsson's "
    "survey of ADCs (2012); DACs the same"
)
AD7091 = "AD7091, 450 uA at 5.25 V, 1 MS/s, SINAD 68 dB (data sheet of Analog Devices); DACs the same"
SIGNS = "sum of B, sum of A, integrator, output with its inverted copy; B's is also the gain of the diffusion step"


class BoardSpec(Section):
    """A board of packaged parts. Each key's description is the source of its default."""

    amplifier_current: Annotated[
        float, quantity("A", 0.0, 1.0), Field(description="TL08x, typical, at +-15 V: Texas Instruments SLOS081")
    ] = 1.4e-3
    """Quiescent current of an amplifier."""
    supply: Annotated[float, quantity("V", 1e-3, 1e3), Field(description="+-12 V, as the op-amp cell's defaults")] = (
        24.0
    )
    """From rail to rail."""
    amplifiers_per_cell: Annotated[int, whole(0, 100), Field(description=SIGNS)] = 4
    amplifiers_per_input: Annotated[int, whole(0, 100), Field(description="a driver of u and -u")] = 1
    powered: Annotated[Powered, Field(description="the part has no shutdown")] = "always"
    """When amplifiers draw their quiescent current: during their array's run, with its conversions, or all the time."""
    conversion_energy: Annotated[
        float,
        quantity("J", 0.0, 1.0),
        Field(description=AD7091),
    ] = 1.2e-12
    """Per conversion-step: a conversion of b bits takes 2^b of it (R. H. Walden, IEEE J. Sel. Areas Commun. 17(4), 539
    (1999))."""
    conversion_time: Annotated[float, quantity("s", 0.0, 1.0), Field(description="AD7091, 1 MS/s")] = 1e-6
    converters: Annotated[AtOnce, Field(description="one for every row of a plane")] = "row"
    """One for each cell, row or plane, at input and output; they work at once."""
    bits: Annotated[int, whole(1, 24), Field(description=ASSUMED)] = 8
    """Of converters that `hardware` leaves ideal."""
    mac_energy: Annotated[float, quantity("J", 0.0, 1.0), Field(description=HOROWITZ)] = 4.6e-12
    """Of a digital multiplication and addition."""
    mac_rate: Annotated[float, quantity("1/s", 1.0, 1e18), Field(description=ASSUMED)] = 1e10
    """Digital multiplications and additions in a second."""
    reset_energy: Annotated[
        float, quantity("J", 0.0, 1.0), Field(description="assumed: the order of a TaOx device's switching energy")
    ] = 1e-11
    """To put a memristor back to its start, where a run has moved it."""


class IntegratedSpec(BoardSpec):
    """A chip with small amplifiers and converters."""

    amplifier_current: Annotated[
        float,
        quantity("A", 0.0, 1.0),
        Field(description=PATEL),
    ] = 10.8e-6
    supply: Annotated[float, quantity("V", 1e-3, 1e3), Field(description="1.8 V, as that amplifier")] = 1.8
    powered: Annotated[Powered, Field(description=ASSUMED)] = "block"
    conversion_energy: Annotated[
        float,
        quantity("J", 0.0, 1.0),
        Field(description=SHIKATA),
    ] = 6.1e-15
    conversion_time: Annotated[float, quantity("s", 0.0, 1.0), Field(description="1.1 MS/s, as that converter")] = (
        0.91e-6
    )
    mac_rate: Annotated[float, quantity("1/s", 1.0, 1e18), Field(description=ASSUMED)] = 1e12


class CostSpec(Section):
    """How costs are measured, and two sets of assumptions to choose from and change."""

    pictures: Annotated[int, whole(1, 10_000)] = 2
    """Whose runs are integrated: noised pictures at random diffusion times."""
    points: Annotated[int, whole(3, 100_000)] = 33
    """Times at which waveforms are kept."""
    settled: Annotated[float, quantity("1", 1e-9, 0.5)] = 0.01
    """Share of V1/RC below which |dv/dt| counts as rest, and of the output's value at the end."""
    moved: Annotated[float, quantity("1", 0.0, 1.0)] = 0.01
    """Change of a memristor's state x in a run beyond which it has to be put back."""
    board: BoardSpec = BoardSpec()
    integrated: IntegratedSpec = IntegratedSpec()

    @property
    def sets(self) -> dict[str, BoardSpec]:
        """By name."""
        return {"board": self.board, "integrated": self.integrated}


@dataclass(frozen=True)
class Assumption:
    """A value, SI units, and where it comes from."""

    value: float | int | str
    source: str


def stated(spec: BoardSpec) -> dict[str, Assumption]:
    """All assumptions of a set, by key; those that are not the default are the user's own."""
    found = {}
    for name, field in type(spec).model_fields.items():
        value = getattr(spec, name)
        found[name] = Assumption(value, str(field.description) if value == field.default else "the hardware file")
    return found
