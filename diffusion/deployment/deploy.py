"""A trained model on a chip: pictures of both from the same noise, how far the two are apart, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from torch import Tensor, nn

from ...circuits.hardware import Hardware
from ...devices.errors import InputError
from ..data import ImageData, load_images
from ..measures.evaluation import evaluate_images
from ..measures.similarity import ssim
from ..networks.blocks.cells import blocks_of
from ..networks.ranges import Range, measured_ranges
from ..training.model import TrainedModel
from .ablation import Ablated, ablated
from .analog import Loop
from .analog.draw import draw, latency_of
from .calibration import Calibrated, calibrate
from .cost import Cost, cost_of
from .cost.digital import evaluations_of
from .errors import AnswerError, answer_errors, block_errors
from .hardware_file import DeploymentSpec
from .mapping import LayerMapping, mapped
from .memristors import MemristorDrift, watched_memristors
from .network import DeployedBlock, deployed
from .noised import questions
from .spice import WindowCheck, check_windows
from .spice.layer import LayerRun, layer_run
from .spice.met import met_by

TIMES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
"""Diffusion times at which answers are compared."""
PARTS = ("ablation", "cost", "spice")
"""What a deployment may leave out, as each takes its time."""
ANALOG = "analog"
"""The sampler that is a circuit; all others are digital."""
BATCH = 64
"""Pictures that run at once, and share what a run draws."""
COSTED = 16
"""Pictures whose questions the network on this machine is timed with."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Sampling:
    """How pictures are generated: from the noise of this seed; what is None is the model's own."""

    seed: int
    steps: int | None = None
    """Of the analog sampler: answers."""
    sampler: str | None = None


@dataclass(frozen=True, eq=False)
class Deployment:
    """What a deployment found. Pictures (n, channels, rows, columns) of both come from the same noise and labels."""

    ideal: Tensor
    deployed: Tensor
    labels: Tensor | None
    similarity: tuple[float, float]
    """Mean SSIM of deployed and ideal pictures, and the least."""
    answers: list[AnswerError]
    blocks: dict[str, float]
    """Relative rms error of each block's output."""
    mapping: dict[str, LayerMapping]
    calibrated: dict[str, Calibrated]
    memristors: dict[str, MemristorDrift]
    ablation: dict[str, Ablated]
    """Of chips that nobody calibrated; empty where it was left out, as are the next two."""
    cost: Cost | None
    windows: list[WindowCheck]
    layer: LayerRun
    """Of the layer in the middle, under a noised picture."""


class Deployer:
    """A model and a chip. Raises InputError for a model without arrays, and for effects its cells do not have."""

    def __init__(
        self,
        model: TrainedModel,
        spec: DeploymentSpec,
        *,
        folder: str | None = None,
        threads: int | None = None,
    ) -> None:
        self.model, self.spec, self.threads = model, spec, threads
        cell = next(iter(blocks_of(model.network).values())).dynamics.cell
        try:
            self.hardware = spec.hardware.hardware(cell)
        except InputError as error:
            raise error.at("hardware") from None
        self.seeds = spec.seed.model_dump()
        self.data: ImageData = load_images(model.config.data.name, "train", folder or model.config.data.folder)
        self.unseen: ImageData = load_images(model.config.data.name, "test", folder or model.config.data.folder)
        self.learned = questions(model, self.data, spec.calibration.pictures, 0)
        asked = self.learned
        self.ranges: dict[str, Range] = measured_ranges(
            model.network, [(asked.x, asked.t, asked.label)], spec.calibration.share
        )

    def network(self, hardware: Hardware) -> nn.Module:
        """The network on a chip with these effects, as it is made."""
        how = self.spec.steps(self.threads)
        return deployed(self.model.network, self.ranges, hardware, self.seeds, how)

    def chip(self) -> tuple[nn.Module, dict[str, Calibrated]]:
        """The network on the chip of the spec, calibrated as it says, and how well that went."""
        made = self.network(self.hardware)
        return made, calibrate(self.model.network, made, self.learned, self.spec.calibration.correct)

    def sample(
        self, network: nn.Module, n: int, how: Sampling, progress: Callable[[float], None] | None = None
    ) -> Tensor:
        """n pictures that this network generates."""
        model = replace(self.model, network=network)  # type: ignore[arg-type]
        batch = min(n, BATCH)
        if how.sampler != ANALOG:
            return model.sample(n, how.seed, sampler=how.sampler, steps=how.steps, batch=batch, progress=progress)
        # both, the ideal arrays and the chip's, answer to the clock of the chip
        latency = latency_of(self.model.network) * self.hardware.time_scale
        loop = Loop(answers=self._answers(how), latency=latency, seeds=self.seeds)
        return draw(model, n, how.seed, loop, batch=batch, progress=progress).pictures

    def _answers(self, how: Sampling) -> int:
        return self.model.config.sampling.steps if how.steps is None else how.steps

    def run(
        self,
        n: int,
        how: Sampling,
        *,
        without: Collection[str] = (),
        progress: Progress | None = None,
    ) -> Deployment:
        """n pictures of the ideal array and of the chip, and all that is to be said about the two; `without` some of
        `PARTS`."""
        say = progress or (lambda name, done: None)
        ideal = self.network(Hardware())
        chip, calibrated = self.chip()
        drawn = [self.sample(ideal, n, how, partial(say, "ideal pictures"))]
        with watched_memristors(chip) as memristors:
            drawn.append(self.sample(chip, n, how, partial(say, "deployed pictures")))
        same = ssim(drawn[0], drawn[1])
        pictures = self.spec.ablation.pictures
        asked = [questions(self.model, self.unseen, pictures, 1, t) for t in TIMES]
        return Deployment(
            drawn[0],
            drawn[1],
            self.model.labels(n),
            (float(same.mean()), float(same.min())),
            answer_errors(ideal, chip, asked),
            block_errors(self.model.network, chip, asked[len(asked) // 2]),
            mapped(chip),
            calibrated,
            memristors,
            {} if "ablation" in without else self._ablation(ideal, how, say),
            None if "cost" in without else self._cost(chip, how, say),
            [] if "spice" in without else self._windows(chip, say),
            self.layer(chip),
        )

    def _ablation(self, ideal: nn.Module, sampling: Sampling, say: Progress) -> dict[str, Ablated]:
        how = self.spec.ablation
        asked = questions(self.model, self.unseen, how.pictures, 2)

        def frechet(network: nn.Module) -> Mapping[str, Any] | None:
            if not how.samples:
                return None
            pictures = self.sample(network, how.samples, sampling)
            return asdict(evaluate_images(pictures, self.data, self.unseen)["frechet"])

        return ablated(ideal, self.hardware, self.network, asked, frechet, partial(say, "ablation"))

    def _cost(self, chip: nn.Module, how: Sampling, say: Progress) -> Cost:
        asked = questions(self.model, self.unseen, COSTED, 3)
        analog = how.sampler == ANALOG
        evaluations = self._answers(how) if analog else evaluations_of(self.model, how.steps, sampler=how.sampler)
        found = cost_of(chip, asked, evaluations, self.spec.cost, ideal=self.model.network)
        say("cost", 1.0)
        return found

    def layer(self, chip: nn.Module, name: str = "") -> LayerRun:
        """The waveforms of a layer of the chip (of the one in the middle) under a noised picture."""
        blocks = {key: part.array for key, part in chip.named_modules() if isinstance(part, DeployedBlock)}
        chosen = name or list(blocks)[len(blocks) // 2]
        met = met_by(self.model.network, questions(self.model, self.unseen, 1, 4))[chosen]
        return layer_run(chosen, blocks[chosen], met, threads=self.threads)

    def _windows(self, chip: nn.Module, say: Progress) -> list[WindowCheck]:
        question = questions(self.model, self.unseen, 1, 4)
        return check_windows(self.model.network, chip, question, threads=self.threads, progress=say)
