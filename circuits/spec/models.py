"""The circuit spec, schema version 1, as pydantic models: made once at the border, trusted inside."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, StringConstraints, field_validator, model_validator

from ...devices.errors import MISSING, InputError
from ...devices.memristor import Memristor
from ...devices.registry import make_memristor, memristor_class
from ...devices.text_equations import text_memristor
from ..boundary import Boundary
from ..cells import CellCircuit, ChuaYang, MCellNN, MemristiveOpAmpCell, OpAmpCell, SecondOrder
from ..noise import ThermalNoise, check_noisy_method
from ..outputs import OUTPUT_STAGES, OutputStage
from ..sources import Source
from .fields import Section, optional_quantity, quantity, source, whole
from .hardware import HardwareSpec
from .op_amp import OpAmpSpec
from .quantity import parse_any_quantity, parse_quantity
from .template_source import TemplateSource, parse_template

LIMIT = 1_000_000_000
"""No count in a spec may exceed this; whether it fits into memory is checked with the machine's own."""


class GridSpec(Section):
    """The array's size and what lies beyond its edge."""

    rows: Annotated[int, whole(1, LIMIT)]
    columns: Annotated[int, whole(1, LIMIT)]
    boundary: Annotated[Boundary, BeforeValidator(lambda value: Boundary.parse(value, place=""))] = Boundary.parse(
        "zero-flux"
    )


class OutputSpec(Section):
    """The output stage by kind, with its parameters."""

    kind: Literal["saturation", "rectifier"] = "saturation"
    leak: Annotated[float, quantity("1", 0.0, 1.0)] = 0.0

    def stage(self) -> OutputStage:
        """The output stage's equations."""
        return OUTPUT_STAGES[self.kind](self.leak)  # type: ignore[call-arg]


def _parameters(value: Any) -> Any:
    """Values by name, or the name of a set: said in our own words, as pydantic's speak of its own types."""
    if not isinstance(value, (dict, str)):
        raise InputError("", value, "values by name, or the name of a parameter set")
    for name in value if isinstance(value, dict) else ():
        if not isinstance(name, str):
            raise InputError("", name, "names of parameters, as text")
    return value


class MemristorSpec(Section):
    """A memristor of the library, or one of the user's own equations (`model: custom`)."""

    model: str
    x0: Annotated[Source, source(0.0, 1.0, True)] = Source("number", 0.1)
    area: Annotated[float, quantity("1", 0.0, 1e6)] = 1.0
    parameters: Annotated[dict[str, Any] | str, BeforeValidator(_parameters)] = Field(default_factory=dict)
    current: str | None = None
    rate: str | None = None
    _device: Memristor = PrivateAttr()

    @model_validator(mode="after")
    def _build(self) -> MemristorSpec:
        self._device = self._own() if self.model == "custom" else self._published()
        return self

    @property
    def device(self) -> Memristor:
        """The memristor's equations with this spec's parameters."""
        return self._device

    def _own(self) -> Memristor:
        for key in ("current", "rate"):
            if getattr(self, key) is None:
                raise InputError(
                    key, MISSING, "this key: the equation of a custom memristor in v, x and its parameters"
                )
        if isinstance(self.parameters, str):
            raise InputError("parameters", self.parameters, "a mapping of names to numbers")
        values = {}
        for name, value in self.parameters.items():
            try:
                values[name] = parse_any_quantity(value)
            except InputError as error:
                raise error.at(f"parameters.{name}") from None
        return text_memristor(self.current or "", self.rate or "", values)

    def _published(self) -> Memristor:
        for key in ("current", "rate"):
            if getattr(self, key) is not None:
                raise InputError(key, getattr(self, key), "no equation beside a published model", "use model: custom")
        model = memristor_class(self.model)
        if isinstance(self.parameters, str):
            return make_memristor(self.model, self.parameters)
        known = model.__dataclass_fields__
        values: dict[str, Any] = {}
        for name, value in self.parameters.items():
            if name != "set" and name in known and isinstance(value, (int, float, str)):
                try:
                    value = parse_quantity(value, known[name].metadata["parameter"].unit)
                except InputError as error:
                    raise error.at(f"parameters.{name}") from None
            values[name] = value
        return make_memristor(self.model, values)


class CellSpec(Section):
    """The circuit of every cell of the array."""

    circuit: Literal["chua-yang", "m-cellnn", "op-amp", "second-order"]
    C: Annotated[float, quantity("F", 1e-18, 1.0)] = 1e-9
    R: Annotated[float, quantity("Ohm", 1e-3, 1e12)] = 1e3
    L: Annotated[float | None, optional_quantity("H", 1e-15, 1e6)] = None
    """Of second-order cells; 1 mH where it is left out."""
    voltage_unit: Annotated[float, quantity("V", 1e-6, 1e3)] = 1.0
    output: OutputSpec = OutputSpec()
    memristor: MemristorSpec | None = None
    op_amp: OpAmpSpec | None = None

    @model_validator(mode="after")
    def _memristor_fits(self) -> CellSpec:
        if self.circuit == "m-cellnn" and self.memristor is None:
            raise InputError(
                "memristor", MISSING, "this key", "every m-cellnn cell has one, e.g. {model: strachan-taox}"
            )
        if self.circuit in ("chua-yang", "second-order") and self.memristor is not None:
            raise InputError(
                "memristor", self.memristor.model, f"no memristor in a {self.circuit} cell", "use circuit: m-cellnn"
            )
        if self.circuit != "second-order" and self.L is not None:
            raise InputError("L", self.L, f"no L in a {self.circuit} cell", "use circuit: second-order")
        if self.circuit != "op-amp" and self.op_amp is not None:
            raise InputError("op_amp", {}, f"no op_amp in a {self.circuit} cell", "use circuit: op-amp")
        self.circuit_of_cell()
        return self

    def circuit_of_cell(self) -> CellCircuit:
        """The cell's equations with this spec's parameters."""
        stage = self.output.stage()
        if self.circuit == "op-amp":
            op_amp = (self.op_amp or OpAmpSpec()).device()
            if self.memristor is None:
                return OpAmpCell(self.C, self.R, self.voltage_unit, stage, op_amp)
            return MemristiveOpAmpCell(
                self.C, self.R, self.voltage_unit, stage, op_amp, 0.0, self.memristor.area, self.memristor.device
            )
        if self.circuit == "second-order":
            given = {} if self.L is None else {"L": self.L}
            return SecondOrder(self.C, self.R, self.voltage_unit, stage, **given)
        if self.memristor is None:
            return ChuaYang(self.C, self.R, self.voltage_unit, stage)
        return MCellNN(self.C, self.R, self.voltage_unit, stage, self.memristor.area, self.memristor.device)


LayerName = Annotated[str, StringConstraints(pattern=r"^[\w][\w .\-]*$", max_length=60)]


class LayerSpec(Section):
    """One array of the stack. It takes the layer before's final output as its input."""

    name: LayerName = ""
    channels: Annotated[int, whole(1, LIMIT)] = 1
    template: Annotated[TemplateSource, BeforeValidator(parse_template)]


FIXED_STEP = ("rk4", "heun", "euler")
"""The methods that take equal steps; the others choose theirs."""


class RunSpec(Section):
    """How long, how accurately, and what to keep."""

    stop: Annotated[float, quantity("s", 1e-15, 1e6)]
    method: Literal["adaptive", "dopri5", "bs3", "ros34pw2", "rk4", "heun", "euler"] = "adaptive"
    rtol: Annotated[float, quantity("1", 1e-13, 0.1)] = 1e-6
    atol: Annotated[float, quantity("1", 1e-18, 1.0)] = 1e-9
    save: Annotated[int, whole(2, LIMIT)] = 101
    step: Annotated[float | None, optional_quantity("s", 1e-18, 1e6)] = None
    settle: Annotated[float | None, optional_quantity("1", 1e-12, 1e3)] = None
    """End when |dv/dt| of all cells is below this, in units of V1/RC."""

    @model_validator(mode="after")
    def _step_fits(self) -> RunSpec:
        if self.step is not None:
            if self.method not in FIXED_STEP:
                raise InputError("step", self.step, f"no step with method {self.method}", "it chooses its own steps")
            if self.step > self.stop:
                raise InputError("step", self.step, f"a step of at most run.stop ({self.stop:g} s)")
        return self


class SeedSpec(Section):
    """One seed per purpose."""

    mismatch: Annotated[int, whole(0, 2**63 - 1)] = 0
    programming: Annotated[int, whole(0, 2**63 - 1)] = 0
    noise: Annotated[int, whole(0, 2**63 - 1)] = 1


class CircuitSpec(Section):
    """A circuit: the arrays, what goes in, and the run."""

    cellnn: Literal[1]
    name: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$", max_length=200)] = ""
    grid: GridSpec
    cell: CellSpec
    layers: Annotated[tuple[LayerSpec, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)]
    input: Annotated[Source, source(-1.0, 1.0, False, True)] = Source("number", 0.0)
    initial: Annotated[Source, source(-1.0, 1.0, True)] = Source("number", 0.0)
    run: RunSpec
    hardware: HardwareSpec | None = None
    seed: SeedSpec = SeedSpec()

    @field_validator("cellnn", mode="before")
    @classmethod
    def _version(cls, value: Any) -> Any:
        if type(value) is not int or value != 1:
            raise InputError("", value, "1, the version of the schema this program reads")
        return value

    @field_validator("layers", mode="after")
    @classmethod
    def _named(cls, layers: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
        if not layers:
            raise InputError("", [], "a list of at least one layer")
        named = tuple(
            layer if layer.name else layer.model_copy(update={"name": f"layer{k + 1}"})
            for k, layer in enumerate(layers)
        )
        seen: dict[str, int] = {}
        for k, layer in enumerate(named):
            if layer.name in seen:
                raise InputError(
                    f"[{k}].name", layer.name, "a name of its own", f"layers[{seen[layer.name]}] has this one already"
                )
            seen[layer.name] = k
        return named

    @model_validator(mode="after")
    def _noisy_run(self) -> CircuitSpec:
        if self.noise is not None:
            check_noisy_method(self.run.method)
        return self

    @property
    def noise(self) -> ThermalNoise | None:
        """The thermal noise of the hardware; None when there is none."""
        return None if self.hardware is None else self.hardware.thermal_noise()
