"""A trained model on a chip: pictures of both from the same noise, and how far the two are apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor, nn

from ...circuits.hardware import Hardware
from ...devices.errors import InputError
from ..data import ImageData, load_images
from ..measures.similarity import ssim
from ..networks.blocks.cells import blocks_of
from ..networks.ranges import Range, measured_ranges
from ..training.model import TrainedModel
from .ablation import ablations
from .errors import AnswerError, answer_errors, block_errors
from .hardware_file import DeploymentSpec
from .network import deployed
from .noised import questions

TIMES = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
"""Diffusion times at which answers are compared."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Ablated:
    """What is left of the answers with these effects only: the mean squared error against the right answers, and the
    relative rms difference from the ideal network, over all diffusion times."""

    error: float
    difference: float


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
    ablation: dict[str, Ablated]
    ranges: dict[str, Range]


class Deployer:
    """A model and a chip. Raises InputError for a model without arrays."""

    def __init__(
        self,
        model: TrainedModel,
        spec: DeploymentSpec,
        *,
        folder: str | None = None,
        threads: int | None = None,
    ) -> None:
        self.model, self.spec, self._threads = model, spec, threads
        cell = next(iter(blocks_of(model.network).values())).dynamics.cell
        try:
            self.hardware = spec.hardware.hardware(cell)
        except InputError as error:
            raise error.at("hardware") from None
        self.seeds = spec.seed.model_dump()
        self.data: ImageData = load_images(model.config.data.name, "train", folder or model.config.data.folder)
        self.unseen: ImageData = load_images(model.config.data.name, "test", folder or model.config.data.folder)
        calibration = spec.calibration
        asked = questions(model, self.data, calibration.pictures, 0)
        self.ranges = measured_ranges(model.network, [(asked.x, asked.t, asked.label)], calibration.share)

    def network(self, hardware: Hardware) -> nn.Module:
        """The network on a chip with these effects."""
        how = self.spec.steps(self._threads)
        return deployed(self.model.network, self.ranges, hardware, self.seeds, how)

    def run(
        self, n: int, seed: int, *, steps: int | None = None, pictures: int = 32, progress: Progress | None = None
    ) -> Deployment:
        """n pictures of the ideal array and of the chip, and `pictures` questions at each diffusion time."""
        say = progress or (lambda name, done: None)
        ideal, chip = self.network(Hardware()), self.network(self.hardware)
        drawn = [
            replace(self.model, network=network).sample(  # type: ignore[arg-type]
                n, seed, steps=steps, batch=min(n, 64), progress=partial(say, name)
            )
            for name, network in (("ideal pictures", ideal), ("deployed pictures", chip))
        ]
        same = ssim(drawn[0], drawn[1])
        asked = [questions(self.model, self.unseen, pictures, 1, t) for t in TIMES]
        middle = asked[len(asked) // 2]
        return Deployment(
            drawn[0],
            drawn[1],
            self.model.labels(n),
            (float(same.mean()), float(same.min())),
            answer_errors(ideal, chip, asked),
            block_errors(self.model.network, chip, middle),
            self._ablation(ideal, pictures, say),
            self.ranges,
        )

    def _ablation(self, ideal: nn.Module, pictures: int, say: Progress) -> dict[str, Ablated]:
        asked = questions(self.model, self.unseen, pictures, 2)
        found: dict[str, Ablated] = {}
        cases: Mapping[str, Hardware] = {"none": Hardware(), **ablations(self.hardware)}
        for k, (name, hardware) in enumerate(cases.items()):
            (one,) = answer_errors(ideal, self.network(hardware), [asked])
            found[name] = Ablated(one.deployed, one.difference)
            say("ablation", (k + 1) / len(cases))
        return found
