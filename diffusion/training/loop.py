"""The training loop."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from ...devices.errors import CellnnError, InputError
from ..latent import Autoencoder
from ..launched import begin, here
from ..networks import Denoiser
from .autoencoder import encoded, marked, prepare_autoencoder
from .aware import described, know_hardware, load_start
from .board import Board
from .checkpoint import Trainee, file_name, save_checkpoint
from .config import TrainingConfig
from .failures import LastSeen, TrainingError, by_gradient, by_value, not_finite, out_of_memory
from .global_batch import check_shareable, shared
from .held_out import HeldOut
from .learning_rate import learning_rate
from .log import Log
from .model import TrainedModel, save_model
from .pictures import save_sheet
from .progress import Progress
from .read_config import ConfigText
from .run_folder import RunFolder
from .start import Note, check_tensorboard, choose_device, describe, make_trainee, resume
from .statistics import measure_statistics
from .step import ExampleSource, gradient_norms, gradients, update
from .subject import PICTURES, Subject
from .tensor_files import write_tensors

Status = Literal["completed", "time limit", "interrupted"]
SHEET = (4, 10)
"""Rows and columns of the sheets of samples."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: after how many steps and seconds of training, with which loss and held-out loss."""

    status: Status
    step: int
    seconds: float
    loss: float | None
    held_out_loss: float | None


Watch = Callable[[Progress, float], None]
"""Called after every step with the progress and the step's loss."""


def train(
    source: ConfigText,
    folder: str | os.PathLike[str],
    *,
    subject: Subject = PICTURES,
    go_on: bool = False,
    watch: Watch = lambda progress, loss: None,
    note: Note = lambda text: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Train the network of a config in a run's folder; with `go_on` from where the run there stopped.

    What is learned, and from which config, the `subject` says: pictures unless another is given.
    `interrupted` is asked before every step: when it says so, the run is left so that it can go on. On the processor
    the weights are the same bits however often a run was stopped, or killed, and resumed (with the same versions and
    number of threads). Of several processes (`diffusion.launched`) the first keeps the folder. Raises InputError before
    anything is trained, and TrainingError, which leaves the last checkpoint, when numbers stop being finite, memory is
    short, or something can no longer be written.
    """
    run_folder = RunFolder(folder)
    check = run_folder.check_run if go_on else run_folder.check_free
    check_tensorboard(source.config)
    device = choose_device(source.config)
    places = begin(cpu=device.type == "cpu")
    check_shareable(source.config, places)
    if places.main:
        check()
    else:
        note, watch = _silent, _unseen
    data, test = subject.load(source)
    start = load_start(source)
    trainee = make_trainee(source.config, device, start, subject.network(source.config, data))
    about = describe(source, data, test, trainee, device) | subject.about(data)
    if start is not None:
        about["start"] = described(start)
    devices = [torch.cuda.current_device()] if device.type == "cuda" else []
    with run_folder.locked() if places.main else nullcontext(), torch.random.fork_rng(devices=devices):
        model: Any = subject.autoencoder(source.config, data)
        autoencoder: Autoencoder | None = None
        latents: tuple[Tensor | None, Tensor | None] = (None, None)
        with places.main_first():
            if places.main:
                check()
            if go_on:
                resume(run_folder, source, subject.read(run_folder.config).config, trainee, about, note)
            if places.main:
                run_folder.keep_config(source.text)
                run_folder.clean(trainee.progress.step)
                subject.keep(data, run_folder.path)
            if model is not None:
                autoencoder, about["autoencoder"] = prepare_autoencoder(
                    model, source.config, run_folder, data, test, device, note, interrupted
                )
        if model is not None:
            if autoencoder is None:
                return Outcome("interrupted", 0, 0.0, None, None)
            latents = encoded(autoencoder, data, device), encoded(autoencoder, test, device)
        averaged = subject.network(source.config, data)
        run = _Run(source.config, run_folder, trainee, averaged, about, device, autoencoder)
        run.examples = ExampleSource(source.config, data, latents[0])
        run.held_out = HeldOut(source.config, test, latents[1])
        know_hardware(source, trainee.network, start, run.examples.of_step(0))
        shared(trainee.network, places)
        return run.go(watch, interrupted)


def _silent(text: str) -> None:
    """What processes beside the main one say."""


def _unseen(progress: Progress, loss: float) -> None:
    """What they show."""


class _Run:
    """A run between two of its starts."""

    examples: ExampleSource
    held_out: HeldOut

    def __init__(
        self,
        config: TrainingConfig,
        folder: RunFolder,
        trainee: Trainee,
        averaged: Denoiser,
        about: dict[str, Any],
        device: torch.device,
        autoencoder: Autoencoder | None,
    ) -> None:
        self.config, self.folder, self.trainee, self.about, self.device = config, folder, trainee, about, device
        network = averaged.to(device).eval().requires_grad_(False)
        self.averaged = TrainedModel(network, config, about, autoencoder)
        self.main = here().main
        if self.main:
            self.log = Log(folder.log, trainee.progress.step)
        self.board = Board(folder.path, trainee.progress.step) if config.training.tensorboard and self.main else None
        self.seen = LastSeen()
        self.taken: int | None = None

    def go(self, watch: Watch, interrupted: Callable[[], bool]) -> Outcome:
        """Take steps until there is a reason to stop."""
        progress, training = self.trainee.progress, self.config.training
        limit = math.inf if training.time_limit is None else training.time_limit
        status: Status = "completed"
        while progress.step < training.steps:
            asked = 1 if progress.seconds >= limit else 2 if interrupted() else 0
            if asked := here().agreed(asked):
                # the time limit: of a run that goes on, before its first step
                status = "time limit" if asked == 1 else "interrupted"
                break
            loss = self._step()
            if self.main:
                with self._kept():
                    self._keep(last=progress.seconds >= limit or progress.step == training.steps)
            watch(progress, loss)
        if self.main:
            with self._kept():
                self._checkpoint()
                self._save_model(status)
        if self.board is not None:
            self.board.close()
        return Outcome(status, progress.step, progress.seconds, progress.loss, progress.held_out)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """What goes wrong beside the steps - a full disk, arrays that run away when measured - is a failed run."""
        try:
            yield
        except TrainingError:
            raise
        except CellnnError as error:
            step = self.trainee.progress.step
            raise TrainingError(f"after step {step}: {error}; the last checkpoint is whole") from error

    def _step(self) -> float:
        network, progress, training = self.trainee.network, self.trainee.progress, self.config.training
        number, begin = progress.step + 1, time.perf_counter()
        examples = self.examples.of_step(progress.step)
        for each in (network, self.averaged.network):
            each.integrate_as_at(progress.step / training.steps)
        if progress.step and progress.step == math.ceil(training.ema_from * training.steps):
            self.trainee.average.restart(network)
        try:
            loss = gradients(self.config, network, examples, progress.step, self.device)
        except InputError:
            raise
        except CellnnError as error:  # an array's states ran away
            raise TrainingError(f"step {number}: {error}; {self.seen}; the last checkpoint is whole") from error
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            cure = "a new run with a larger training.accumulate or a smaller training.batch"
            raise TrainingError(f"step {number}: no memory was left; try {cure}") from error
        names, norms = gradient_norms(network)
        norm = torch.linalg.vector_norm(norms)
        value, length = torch.stack([loss, norm]).tolist()
        for what, size in (("the loss is", value), ("the gradient is", length)):
            if not math.isfinite(size):
                suspect = by_gradient(names, norms, self.seen.norms)
                raise not_finite(what, number, self.seen, suspect, training.precision == "bfloat16")
        rate = learning_rate(training, progress.step)
        update(network, self.trainee.optimizer, rate, norm, training.gradient_clip)
        self.trainee.average.update(network)
        progress.add(value, length, time.perf_counter() - begin)
        self.seen = LastSeen(value, norms)
        return value

    def _keep(self, last: bool) -> None:
        """What is measured and kept after a step: a snapshot, the held-out loss, a line, samples, a checkpoint."""
        training, progress = self.config.training, self.trainee.progress
        step = progress.step
        evaluates, keeps, draws = (
            bool(every) and (last or step % every == 0)
            for every in (training.evaluate_every, training.snapshot_every, training.sample_every)
        )
        if evaluates or keeps or draws:
            self._take_average()
        if evaluates:
            found = self.held_out.loss(self.averaged.network, self.device)
            if not math.isfinite(found):
                suspect = by_value(self.averaged.network.state_dict().items())
                raise not_finite("the held-out loss is", step, self.seen, suspect, training.precision == "bfloat16")
            progress.held_out = found
        if keeps:
            self._snapshot()
        if last or evaluates or keeps or step % training.log_every == 0:
            row: dict[str, Any] = progress.line(learning_rate(training, step - 1), training.batch)
            row["held_out_loss"] = progress.held_out if evaluates else None
            row["snapshot"] = file_name(step) if keeps else None
            self.log.add(row)
            if self.board is not None:
                self.board.add(row)
        if draws:
            rows, columns = SHEET
            classes = None if self.config.classes is None else torch.arange(rows * columns) % self.config.classes
            pictures = self.averaged.sample(rows * columns, self.config.seed.samples, classes, batch=rows * columns)
            save_sheet(pictures, (self.folder.samples / file_name(step)).with_suffix(".png"), columns)
        if step % training.checkpoint_every == 0 and not last:
            self._checkpoint()

    def _snapshot(self) -> None:
        progress = self.trainee.progress
        about = {**self.about, "step": progress.step, "seconds": progress.seconds}
        write_tensors(self.folder.snapshots / file_name(progress.step), self._weights(), about)

    def _take_average(self) -> None:
        """What is measured, drawn with and kept is the average of the weights; once after each step."""
        progress, training = self.trainee.progress, self.config.training
        if self.taken == progress.step:
            return
        network, self.taken = self.averaged.network, progress.step
        self.trainee.average.copy_to(network)
        if training.statistics:
            first = (self.examples.of_step(step) for step in range(training.statistics))
            measure_statistics(network, self.config.process, first, self.device)

    def _weights(self) -> dict[str, Tensor]:
        self._take_average()
        return {**self.averaged.network.state_dict(), **marked(self.averaged.autoencoder)}

    def _checkpoint(self) -> None:
        suspect = by_value(self.trainee.network.state_dict().items())
        if any(suspect):
            step, half = self.trainee.progress.step, self.config.training.precision == "bfloat16"
            raise not_finite("the weights are", step, self.seen, suspect, half)
        save_checkpoint(self.folder.checkpoints, self.trainee, self.about)

    def _save_model(self, status: Status) -> None:
        progress = self.trainee.progress
        figures = {"loss": progress.loss, "held_out_loss": progress.held_out}
        about = {**self.about, "status": status, "step": progress.step, "seconds": progress.seconds, "figures": figures}
        save_model(self.folder.path, self._weights(), about)
