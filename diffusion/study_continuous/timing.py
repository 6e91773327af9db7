"""How long either network takes to sample, in turn in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from ..study.costs import in_turn
from .settings import Settings
from .subject import Subject


def sampling_seconds(subjects: Sequence[Subject], settings: Settings) -> list[list[float]]:
    """Seconds per picture, of each subject a list with one of each round: the config's sampler, `timed` at once."""

    def sampling(subject: Subject) -> Callable[[], None]:
        def draw() -> None:
            subject.model.sample(settings.timed, settings.seed, batch=settings.timed)

        return draw

    return _timed([sampling(subject) for subject in subjects], settings)


def evaluation_seconds(subjects: Sequence[Subject], settings: Settings) -> list[list[float]]:
    """Seconds per picture of one evaluation, of each subject a list with one of each round."""

    def evaluation(subject: Subject) -> Callable[[], None]:
        classes = subject.model.config.classes
        x = torch.randn(settings.timed, *subject.model.picture, generator=torch.Generator().manual_seed(0))
        t = torch.full((settings.timed,), 0.5)
        label = None if classes is None else torch.arange(settings.timed) % classes

        @torch.no_grad()
        def answer() -> None:
            subject.model.network(x, t, label)

        return answer

    return _timed([evaluation(subject) for subject in subjects], settings)


def _timed(calls: list[Callable[[], None]], settings: Settings) -> list[list[float]]:
    before = torch.get_num_threads()
    torch.set_num_threads(settings.threads)
    try:
        times = in_turn(calls, settings.rounds)
    finally:
        torch.set_num_threads(before)
    return [[seconds / settings.timed for seconds in own] for own in times]
