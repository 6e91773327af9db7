"""The ways to find what one chip is told, and how long each takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ...deployment.hardware_file import CalibrationSpec
from ...training.streams import stream_seed
from ..model import ParametersModel
from .calibrate import calibrated
from .collect import ChipSeries
from .forward import Settings
from .made import MadeLayer
from .measure import nominal
from .regress import LinearMap
from .tune import told_by

NOMINAL, GENERATED, REGRESSED, TUNED = "nominal", "generated", "linear regression", "fine-tuned"
DEFAULT = CalibrationSpec().pictures
"""Pictures that deployed networks are calibrated with, where nothing else is asked for."""
CALIBRATIONS = (16, DEFAULT, 320)
READINGS = 3
"""How often calibration shows each picture: at the bias, beside it for the slope, and at the one it found."""
T = TypeVar("T")


class Methods:
    """Nominal parameters, generated ones, those a linear map makes of the same measurements, calibration with fewer and
    more pictures, and fine-tuning.

    Calibration with as many pictures as deployed networks are calibrated with (`reference`) is what others are held
    against; with few pictures to learn from, all counts above their number are that number.
    """

    def __init__(self, model: ParametersModel, series: ChipSeries, seed: int) -> None:
        self.model, self.series, self.seed = model, series, seed
        pictures = {count: series.known(count) for count in CALIBRATIONS}
        self.known = {_calibrated(len(part)): part for part in pictures.values()}
        self.reference = _calibrated(len(pictures[DEFAULT]))
        self.linear = LinearMap(model)
        self.names = (NOMINAL, GENERATED, REGRESSED, *self.known, TUNED)

    @property
    def pictures_shown(self) -> dict[str, int]:
        """To each chip, by method."""
        spec = self.series.spec
        measured = 2 * spec.probes
        shown = {NOMINAL: 0, GENERATED: measured, REGRESSED: measured, TUNED: spec.steps * spec.batch}
        return {name: shown[name] if name in shown else READINGS * len(self.known[name]) for name in self.names}

    def settings(self, name: str, chip: list[MadeLayer], number: int) -> dict[int, Settings]:
        """What the method finds for one chip, (1, channels) of each layer; `number` gives a drawing its noise."""
        series = self.series
        if name == NOMINAL:
            return nominal(series.network, 1)
        if name == GENERATED:
            noise = stream_seed(self.seed, "chip", number)
            return told_by(series.layout, self.model.generate(1, noise, series.measured(chip)), series.network)
        if name == REGRESSED:
            return told_by(series.layout, self.linear.parameters_of(series.measured(chip)), series.network)
        if name == TUNED:
            return told_by(series.layout, series.tuned(chip), series.network)
        return calibrated(series.network, chip, self.known[name])


def _calibrated(pictures: int) -> str:
    return f"calibrated {pictures}"


def seconds_of(work: Callable[[], T]) -> tuple[T, float]:
    """What `work` returns, and this process's seconds on the processor, all threads together."""
    begin = time.process_time()
    found = work()
    return found, time.process_time() - begin
