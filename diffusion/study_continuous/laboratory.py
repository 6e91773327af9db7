"""What is measured of the networks, each result kept in a folder: a stopped study goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..continuous.memory import adjoint_memory
from ..data import ImageData
from ..measures.classifier import Classifier
from ..networks import multiply_adds
from ..restoration.experiment import restore_pictures
from ..study.cache import remembered
from ..study.costs import processor
from .quality import Distance, Judge
from .settings import FLOW, Run, Settings
from .subject import Subject
from .timing import evaluation_seconds, sampling_seconds

Note = Callable[[str], None]
SHOWN = 20
"""Samples that are kept to look at."""


class Laboratory:
    """Measures subjects on one data set: `data` is what samples are compared with, `unseen` what is restored."""

    def __init__(
        self, data: ImageData, unseen: ImageData, classifier: Classifier, settings: Settings, cache: Path, note: Note
    ) -> None:
        self.data, self.unseen, self.classifier = data, unseen, classifier
        self.settings, self.cache, self.note = settings, cache, note
        self.judge = Judge(data, classifier)

    def size(self, subject: Subject) -> dict[str, int]:
        """`parameters`, and `multiply_adds` of one evaluation for one picture."""

        def compute() -> dict[str, int]:
            model = subject.model
            return {"parameters": model.parameters, "multiply_adds": multiply_adds(model.network, model.picture)}

        return dict(self._kept(f"{subject.name}-size", subject.key, compute))

    def samples(self, subject: Subject, run: Run | None, count: int, stream: int) -> tuple[Distance, float, list[Any]]:
        """The Frechet distance, the evaluations for a picture, and the first pictures (nested lists), of samples of
        all classes in turn. `run` None: the config's sampler."""
        settings = self.settings
        name = "samples" if run is None else f"{run.sampler}-{run.steps or run.tolerance:g}"

        def compute() -> dict[str, Any]:
            counts: list[int] = []
            tolerance = run.tolerance if run is not None and run.sampler == FLOW else None
            images = subject.model.sample(
                count, settings.seed, batch=settings.batch, evaluations=counts,
                sampler=None if run is None else run.sampler, steps=None if run is None else run.steps,
                rtol=tolerance, atol=tolerance,
            ).numpy()  # fmt: skip
            found = self.judge.distance(images, stream)
            evaluations = float(np.mean(counts))
            self.note(f"{subject.name}, {name}: Frechet distance {found.value:.4g}, {evaluations:g} evaluations")
            kept = [] if run is not None else _rounded(images[:SHOWN])
            return {"distance": asdict(found), "evaluations": evaluations, "pictures": kept}

        key = {
            **subject.key, **self._measured_with(), "run": None if run is None else asdict(run), "count": count,
            "seed": settings.seed, "batch": settings.batch, "stream": stream,
        }  # fmt: skip
        found = self._kept(f"{subject.name}-{name}", key, compute)
        return Distance(**found["distance"]), found["evaluations"], found["pictures"]

    def restoration(self, subject: Subject) -> dict[str, Any]:
        """What `restore_pictures` finds, with each picture's measures (`each`) and the first pictures."""
        settings = self.settings

        def compute() -> dict[str, Any]:
            found = restore_pictures(
                subject.model, self.unseen, settings.levels, settings.restored, settings.seed,
                classifier=self.classifier,
            )  # fmt: skip
            self.note(f"{subject.name}: {settings.restored} pictures restored from {len(settings.levels)} levels")
            content = found.as_dict()
            for row, kept in zip(content["levels"], found.rows, strict=True):
                row["each"] = {name: [float(value) for value in values] for name, values in kept.each.items()}
                row["pictures"] = _rounded(kept.pictures)
            return content | {"true": _rounded(found.true)}

        key = {
            **subject.key, **self._measured_with(), "restored": settings.restored, "levels": list(settings.levels),
            "seed": settings.seed,
        }  # fmt: skip
        return dict(self._kept(f"{subject.name}-restoration", key, compute))

    def seconds(self, subjects: Sequence[Subject]) -> dict[str, list[list[float]]]:
        """Of all subjects in turn: `sampling` and `evaluation` seconds per picture, a list of rounds for each."""
        settings = self.settings
        key = {
            "subjects": [subject.key for subject in subjects], "timed": settings.timed, "rounds": settings.rounds,
            "threads": settings.threads, "machine": processor(),
        }  # fmt: skip

        def compute() -> dict[str, Any]:
            self.note("timing both networks in turn")
            sampling = sampling_seconds(subjects, settings)
            return {"sampling": sampling, "evaluation": evaluation_seconds(subjects, settings)}

        return dict(self._kept("seconds", key, compute))

    def memory(self) -> list[dict[str, Any]]:
        """`adjoint_memory` of the block of second order."""
        steps = list(self.settings.memory_steps)
        return list(self._kept("memory", {"steps": steps}, lambda: adjoint_memory(steps)))

    def _kept(self, name: str, key: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        tag = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:8]
        self.cache.mkdir(parents=True, exist_ok=True)
        return remembered(self.cache / f"{name}-{tag}.json", key, compute)

    def _measured_with(self) -> dict[str, Any]:
        files = {**self.data.files, **self.unseen.files}
        return {"classifier": self.classifier.description.sha256, "data": files}


def _rounded(pictures: NDArray[np.float32]) -> list[Any]:
    """For JSON: a thousandth is less than a step of 8 bits."""
    return list(np.round(pictures.astype(np.float64), 3).tolist())
