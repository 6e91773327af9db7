"""The `chips` part of a collection's config."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from ....circuits.cells import CellCircuit
from ....circuits.hardware import Hardware
from ....circuits.spec.fields import Section, quantity, whole
from ....circuits.spec.hardware import MismatchSpec
from ....devices.errors import InputError


class ChipsSpec(Section):
    """Simulated chips: each a set of parameters, fine-tuned for it in a few steps from the nominal ones."""

    mismatch: MismatchSpec
    """As in `hardware.mismatch` of a spec. Every channel is an array of its own: `common` is that of its cells."""
    steps: Annotated[int, whole(1, 100_000)] = 10
    batch: Annotated[int, whole(1, 65536)] = 32
    learning_rate: Annotated[float, quantity("1", 1e-12, 1e3)] = 0.02
    probes: Annotated[int, whole(2, 10_000)] = 8
    """Pictures a chip is asked for to be measured."""
    at_once: Annotated[int, whole(1, 10_000)] = 10
    """Chips fine-tuned side by side, and kept together."""
    seed: Annotated[int, whole(0, 2**63 - 1)] = 0

    @model_validator(mode="after")
    def _fits(self) -> ChipsSpec:
        if self.mismatch.weights.local:
            expected = "no local mismatch of weights here: it has no part that all cells of a channel share"
            raise InputError("mismatch.weights", self.mismatch.weights.local, expected, "weights: {common: ..}")
        for name, part in (("L", "inductor"), ("x0", "memristor"), ("memristor", "memristor")):
            if name in self.mismatch.model_fields_set:
                raise InputError(f"mismatch.{name}", "a spread", f"no {name}: a classifier's cells have no {part}")
        if not any(getattr(self.mismatch, name).active for name in ("weights", "gain", "offset", "R", "C")):
            raise InputError("mismatch", "no spread", "a spread of weights, gain, offset, R or C: chips that differ")
        return self

    def hardware(self, cell: CellCircuit) -> Hardware:
        """As circuits know it."""
        given = self.mismatch
        return Hardware(weights=given.weights, gain=given.gain, offset=given.offset, parameters=given.parameters(cell))
