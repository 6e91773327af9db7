"""Parameters of many simulated chips, with what was measured of each: what a conditional model learns from."""

from __future__ import annotations

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.streams import stream
from ..sources import Source
from ..sources.classify import Classification
from ..vectors import Layout
from .made import MadeLayer, made_chips
from .measure import Probes, measurements
from .spec import ChipsSpec
from .tune import check_layout, tuned


class ChipSeries:
    """The chips of a spec, by their number: how they are made, measured, and fine-tuned for.

    Raises InputError where the source is no classifier or the parameters are not those chips are told.
    """

    def __init__(self, spec: ChipsSpec, source: Source, layout: Layout) -> None:
        if not isinstance(source, Classification):
            raise InputError("source", "a denoiser", "a classifier, with chips")
        check_layout(layout, source.network)
        self.spec, self.layout, self.source = spec, layout, source
        self.network, self.pictures = source.network, source.pictures
        cell = source.network.arrays[0].cells.dynamics.cell
        self.hardware = spec.hardware(cell)
        inputs, _ = self.pictures.train
        order = torch.randperm(len(inputs), generator=stream(spec.seed, "chips' pictures"))
        needed = spec.probes + spec.steps * spec.batch
        if needed > len(inputs):
            expected = f"probes + steps x batch of at most the {len(inputs)} pictures to learn from"
            raise InputError("chips.steps", spec.steps, expected)
        self.probes = Probes.of(self.network, inputs[order[: spec.probes]])
        self.others = inputs[order[spec.probes :]]
        """Pictures to learn from that are no probes, in an order of the seed."""
        chosen = order[spec.probes : needed].reshape(spec.steps, spec.batch)
        self.batches = [(inputs[part], source.logits(inputs[part])) for part in chosen]

    def made(self, first: int, n: int) -> list[MadeLayer]:
        """The layers of chips `first` to `first + n - 1`."""
        return made_chips(self.network, self.pictures.data.picture, self.hardware, self.spec.seed, first, n)

    def known(self, count: int) -> Tensor:
        """So many pictures to learn from, or all that are no probes where there are fewer."""
        return self.others[:count]

    def measured(self, chips: list[MadeLayer]) -> Tensor:
        """(n, m), what is measured of chips."""
        return measurements(self.network, chips, self.probes)

    def tuned(self, chips: list[MadeLayer]) -> Tensor:
        """(n, size), parameters fine-tuned for chips."""
        return tuned(self.network, chips, self.layout, self.batches, self.spec.learning_rate)
