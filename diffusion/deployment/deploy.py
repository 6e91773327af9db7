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
from .calibration import Calibrated, calibrate
from .cost import Cost, cost_of
from .cost.digital import evaluations_of
from .errors import AnswerError, answer_errors, block_errors
from .hardware_file import DeploymentSpec
from .memristors import MemristorDrift, watched_memristors
from .network import deployed
from .noised import questions
from .spice import WindowCheck, check_windows

TIMES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
"""Diffusion times at which answers are compared."""
PARTS = ("ablation", "cost", "spice")
"""What a deployment may leave out, as each takes its time."""
COSTED = 16
"""Pictures whose questions the network on this machine is timed with."""
Progress = Callable[[str, float], None]


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
    calibrated: dict[str, Calibrated]
    memristors: dict[str, MemristorDrift]
    ablation: dict[str, Ablated]
    """Of chips that nobody calibrated; empty where it was left out, as are the next two."""
    cost: Cost | None
    windows: list[WindowCheck]


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
        self,
        network: nn.Module,
        n: int,
        seed: int,
        steps: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Tensor:
        """n pictures that this network generates, by the model's own sampler."""
        model = replace(self.model, network=network)  # type: ignore[arg-type]
        return model.sample(n, seed, steps=steps, batch=min(n, 64), progress=progress)

    def run(
        self,
        n: int,
        seed: int,
        *,
        steps: int | None = None,
        without: Collection[str] = (),
        progress: Progress | None = None,
    ) -> Deployment:
        """n pictures of the ideal array and of the chip, and all that is to be said about the two; `without` some of
        `PARTS`."""
        say = progress or (lambda name, done: None)
        ideal = self.network(Hardware())
        chip, calibrated = self.chip()
        drawn = [self.sample(ideal, n, seed, steps, partial(say, "ideal pictures"))]
        with watched_memristors(chip) as memristors:
            drawn.append(self.sample(chip, n, seed, steps, partial(say, "deployed pictures")))
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
            calibrated,
            memristors,
            {} if "ablation" in without else self._ablation(ideal, seed, steps, say),
            None if "cost" in without else self._cost(chip, steps, say),
            [] if "spice" in without else self._windows(chip, say),
        )

    def _ablation(self, ideal: nn.Module, seed: int, steps: int | None, say: Progress) -> dict[str, Ablated]:
        how = self.spec.ablation
        asked = questions(self.model, self.unseen, how.pictures, 2)

        def frechet(network: nn.Module) -> Mapping[str, Any] | None:
            if not how.samples:
                return None
            pictures = self.sample(network, how.samples, seed, steps)
            return asdict(evaluate_images(pictures, self.data, self.unseen)["frechet"])

        return ablated(ideal, self.hardware, self.network, asked, frechet, partial(say, "ablation"))

    def _cost(self, chip: nn.Module, steps: int | None, say: Progress) -> Cost:
        asked = questions(self.model, self.unseen, COSTED, 3)
        found = cost_of(chip, asked, evaluations_of(self.model, steps), self.spec.cost, ideal=self.model.network)
        say("cost", 1.0)
        return found

    def _windows(self, chip: nn.Module, say: Progress) -> list[WindowCheck]:
        question = questions(self.model, self.unseen, 1, 4)
        return check_windows(self.model.network, chip, question, threads=self.threads, progress=say)
