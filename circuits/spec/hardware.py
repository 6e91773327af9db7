"""The `hardware` section of a spec: what sets real arrays apart from ideal ones, each effect off when absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ...devices.errors import InputError
from ...devices.parameter import flat_parameters, parameters_of, require_known
from ...devices.variability.converter import Converter
from ...devices.variability.faults import StuckAt
from ...devices.variability.lines import LineResistance
from ...devices.variability.op_amps import OpAmps
from ...devices.variability.pair import ConductancePair
from ...devices.variability.programming import PROGRAMMINGS, Programming
from ...devices.variability.quantiser import Quantiser
from ...devices.variability.read_noise import ReadNoise
from ...devices.variability.relaxation import PowerLaw, Relaxation
from ...devices.variability.spread import Spread
from ...devices.variability.temperature import REFERENCE, Temperature
from ..cells import CellCircuit
from ..hardware import Hardware
from ..noise import ThermalNoise
from .fields import Section, optional_quantity, quantity
from .op_amp import OpAmpSpec
from .spreads import SpreadField, spread

Share = Annotated[float, quantity("1", 0.0, 1.0)]
Seconds = Annotated[float, quantity("s", 0.0, 1e10)]


def _of(effect: Any, name: str) -> BeforeValidator:
    """A quantity with the unit and the range of an effect's parameter."""
    known = parameters_of(effect)[name]
    return quantity(known.unit, known.low, known.high)


class SynapsesSpec(Section):
    """The devices whose differences are the weights."""

    low: Annotated[float, quantity("S", 0.0, 1.0)] = 1e-6
    high: Annotated[float, quantity("S", 1e-12, 1.0)] = 100e-6

    def pair(self) -> ConductancePair:
        """As circuits know it."""
        return ConductancePair(self.low, self.high)


class QuantisationSpec(Section):
    """Bits of a weight, its sign among them."""

    bits: Annotated[int, Field(ge=2, le=16)] = 6


class ProgrammingSpec(Section):
    """The error programming leaves: a published model, or `constant`."""

    model: Literal["constant", "cmo-hfox", "wan-2022", "milo"] = "constant"
    relative: Annotated[float | None, optional_quantity("1", 0.0, 1.0)] = None
    absolute: Annotated[float | None, optional_quantity("S", 0.0, 1.0)] = None
    acceptance: Annotated[float | None, optional_quantity("1", 0.002, 0.02)] = None
    days: Annotated[float | None, optional_quantity("1", 0.0, 1.0)] = None
    scale: Annotated[float | None, optional_quantity("1", 0.0, 10.0)] = None

    def effect(self) -> Programming:
        """As circuits know it. Raises InputError for a key of another model."""
        model = PROGRAMMINGS[self.model]
        return model(**_of_model(self, model))


class DriftSpec(Section):
    """What time does to programmed conductances."""

    model: Literal["cmo-hfox", "power-law"] = "cmo-hfox"
    time: Seconds
    exponent: Annotated[float | None, optional_quantity("1", 0.0, 1.0)] = None
    spread: Annotated[float | None, optional_quantity("1", 0.0, 1.0)] = None

    def effect(self) -> Relaxation | PowerLaw:
        """As circuits know it. Raises InputError for a key of another model."""
        model: Any = Relaxation if self.model == "cmo-hfox" else PowerLaw
        return model(**_of_model(self, model))


class FaultsSpec(Section):
    """Shares of devices that cannot be programmed."""

    low: Share = 0.0
    high: Share = 0.0


class MismatchSpec(Section):
    """Spreads: a relative standard deviation within a chip, or {local: .., common: ..}."""

    weights: SpreadField = Spread()
    gain: SpreadField = Spread()
    offset: SpreadField = Spread()
    R: SpreadField = Spread()
    C: SpreadField = Spread()
    L: SpreadField = Spread()
    """Of the inductance of second-order cells."""
    x0: SpreadField = Spread()
    memristor: dict[str, Any] | float | str | None = None

    def parameters(self, cell: CellCircuit) -> dict[str, Spread]:
        """Spreads by flat parameter; a number for the memristor is that of all its parameters, where there is one."""
        found = {"R": self.R, "C": self.C, "L": self.L}
        if self.L.active and not hasattr(cell, "L"):
            raise InputError("L", self.L.local or self.L.common, "nothing: these cells have no inductor")
        known = [name.removeprefix("memristor_") for name in flat_parameters(cell) if name.startswith("memristor_")]
        known += ["area"] if hasattr(cell, "area") else []
        given = self.memristor
        if isinstance(given, dict) and not known:
            raise InputError("memristor", given, "nothing: these cells have no memristor")
        if given is not None and not isinstance(given, dict):
            given = dict.fromkeys(known, given)
        try:
            require_known(given or {}, dict.fromkeys(known), "parameter of the memristor")
        except InputError as error:
            raise error.at("memristor") from None
        for name, value in (given or {}).items():
            found[name if name == "area" else f"memristor_{name}"] = spread(value, f"memristor.{name}")
        return {name: value for name, value in found.items() if value.active}


class LinesSpec(Section):
    """The wires between cells."""

    resistance: Annotated[float, _of(LineResistance, "resistance")] = 0.0

    def effect(self) -> LineResistance:
        """As circuits know it."""
        return LineResistance(self.resistance)


class TemperatureSpec(Section):
    """The temperature of the chip, and what its parts make of it."""

    value: Annotated[float, _of(Temperature, "value")]
    R: Annotated[float, _of(Temperature, "R")] = Temperature.R
    C: Annotated[float, _of(Temperature, "C")] = Temperature.C
    synapses: Annotated[float, _of(Temperature, "synapses")] = Temperature.synapses
    memristor: Annotated[float, _of(Temperature, "memristor")] = Temperature.memristor

    def effect(self) -> Temperature:
        """As circuits know it."""
        return Temperature(self.value, self.R, self.C, self.synapses, self.memristor)


class OpAmpsSpec(OpAmpSpec):
    """The amplifiers of every cell, as a data sheet describes them, and how they differ from each other."""

    offset_spread: Annotated[float, _of(OpAmps, "offset_spread")] = OpAmps.offset_spread
    offset_drift: Annotated[float, _of(OpAmps, "offset_drift")] = OpAmps.offset_drift
    trim: Annotated[float, _of(OpAmps, "trim")] = OpAmps.trim

    def effect(self) -> OpAmps:
        """As circuits know it. Raises InputError for what the reduced amplifiers of chips do not have."""
        if self.output_resistance:
            hint = "use circuit: op-amp, which has it"
            raise InputError("output_resistance", self.output_resistance, "0 in amplifiers without their poles", hint)
        return OpAmps(self.device(), self.offset_spread, self.offset_drift, self.trim)


class NoiseSpec(Section):
    """Thermal noise of resistors and memristors."""

    temperature: Annotated[float | None, optional_quantity("K", 0.0, 2000.0)] = None
    """None: the chip's."""


class ReadSpec(Section):
    """The synapses' own noise, from run to run."""

    model: Literal["cmo-hfox"] = "cmo-hfox"
    scale: Annotated[float, quantity("1", 0.0, 100.0)] = 1.0
    """A factor on what is published."""
    time: Annotated[float, quantity("s", 1e-6, 1e10)] = 1.0
    """Since programming: there are the more slow parts the longer it is."""

    def effect(self) -> ReadNoise:
        """As circuits know it."""
        return ReadNoise(self.time, self.scale)


class ConverterSpec(Section):
    """A converter at the array's border."""

    bits: Annotated[int, Field(ge=2, le=16)] = 8
    full_scale: Annotated[float, quantity("1", 1e-6, 1e6)] = 1.0
    inl: Annotated[float, quantity("1", -64.0, 64.0)] = 0.0
    dnl: Annotated[float, quantity("1", 0.0, 0.5)] = 0.0

    def effect(self) -> Converter:
        """As circuits know it."""
        return Converter(float(self.bits), self.full_scale, self.inl, self.dnl)


class ConvertersSpec(Section):
    """What turns numbers into voltages, and outputs into numbers."""

    input: ConverterSpec | None = None
    output: ConverterSpec | None = None


class TimingSpec(Section):
    """When a run stops."""

    jitter: Annotated[float, quantity("1", 0.0, 0.5)] = 0.0


def _switch(value: Any) -> Any:
    """`true` for an effect with its defaults, `false` for none."""
    if isinstance(value, bool):
        return {} if value else None
    if value is not None and not isinstance(value, dict):
        raise InputError("", value, "true, false or a mapping, such as {temperature: 300 K}")
    return value


SWITCH = BeforeValidator(_switch)
"""Before the model of an effect."""


class HardwareSpec(Section):
    """The effects that are on."""

    synapses: SynapsesSpec = SynapsesSpec()
    quantisation: Annotated[QuantisationSpec | None, SWITCH] = None
    programming: Annotated[ProgrammingSpec | None, SWITCH] = None
    drift: Annotated[DriftSpec | None, SWITCH] = None
    faults: Annotated[FaultsSpec | None, SWITCH] = None
    mismatch: Annotated[MismatchSpec | None, SWITCH] = None
    noise: Annotated[NoiseSpec | None, SWITCH] = None
    read: Annotated[ReadSpec | None, SWITCH] = None
    converters: Annotated[ConvertersSpec | None, SWITCH] = None
    timing: Annotated[TimingSpec | None, SWITCH] = None
    lines: Annotated[LinesSpec | None, SWITCH] = None
    temperature: Annotated[TemperatureSpec | None, SWITCH] = None
    op_amp: Annotated[OpAmpsSpec | None, SWITCH] = None
    time_scale: Annotated[float, _of(Hardware, "time_scale")] = 1.0

    def thermal_noise(self) -> ThermalNoise | None:
        """The noise as circuits know it, of the chip's temperature unless it says another; None when it is off."""
        if self.noise is None:
            return None
        chip = REFERENCE if self.temperature is None else self.temperature.value
        return ThermalNoise(chip if self.noise.temperature is None else self.noise.temperature)

    def check_circuit(self) -> None:
        """InputError for what only networks on a chip have."""
        if self.op_amp is not None:
            hint = "use cell.circuit: op-amp with cell.op_amp, which has the amplifiers themselves"
            raise InputError("op_amp", self.op_amp.model_dump(exclude_defaults=True), "nothing in a circuit", hint)
        if self.time_scale != 1.0:
            hint = "make cell.C and run.stop larger"
            raise InputError("time_scale", self.time_scale, "1 in a circuit, which says how fast it is itself", hint)

    def hardware(self, cell: CellCircuit) -> Hardware:
        """The effects as circuits know them, for arrays of these cells. Raises InputError."""
        mismatch, converters = self.mismatch or MismatchSpec(), self.converters or ConvertersSpec()
        return Hardware(
            pair=_placed("synapses", self.synapses.pair),
            quantiser=None if self.quantisation is None else Quantiser(float(self.quantisation.bits)),
            programming=None if self.programming is None else _placed("programming", self.programming.effect),
            faults=None if self.faults is None else _placed("faults", StuckAt, self.faults.low, self.faults.high),
            drift=None if self.drift is None else _placed("drift", self.drift.effect),
            read=None if self.read is None else self.read.effect(),
            weights=mismatch.weights,
            gain=mismatch.gain,
            offset=mismatch.offset,
            parameters=_placed("mismatch", mismatch.parameters, cell),
            x0=mismatch.x0,
            into=None if converters.input is None else converters.input.effect(),
            out=None if converters.output is None else converters.output.effect(),
            lines=LineResistance() if self.lines is None else self.lines.effect(),
            temperature=Temperature() if self.temperature is None else self.temperature.effect(),
            op_amps=None if self.op_amp is None else _placed("op_amp", self.op_amp.effect),
            time_scale=self.time_scale,
            thermal=self.thermal_noise(),
            jitter=0.0 if self.timing is None else self.timing.jitter,
        )


def _placed(place: str, call: Callable[..., Any], *arguments: Any) -> Any:
    """The call's result, its InputErrors placed in the section."""
    try:
        return call(*arguments)
    except InputError as error:
        raise error.at(place) from None


def _of_model(section: Section, model: Any) -> dict[str, float]:
    """The section's numbers that are given; InputError for one the model does not know."""
    known = parameters_of(model)
    given = {k: v for k, v in section.model_dump(exclude={"model"}).items() if v is not None}
    require_known(given, known, f"parameter of {section.model}")  # type: ignore[attr-defined]
    return given
