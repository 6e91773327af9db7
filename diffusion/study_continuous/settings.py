"""How much is sampled, restored and timed."""

from __future__ import annotations

from dataclasses import dataclass

from ...devices.errors import InputError
from ..measures.samples import LEAST

SDE, FLOW, SOLVER = "reverse-sde", "probability-flow", "dpm-solver++"


@dataclass(frozen=True)
class Run:
    """A way to sample: a sampler with its steps, or, for the adaptive one, its tolerance."""

    sampler: str
    steps: int | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Settings:
    """`samples` of the compared Frechet distances, `curve_samples` of each point of the samplers' curves, `restored`
    pictures of each noise level, `timed` pictures of each of `rounds` rounds on `threads` threads."""

    samples: int = 1000
    curve_samples: int = 300
    restored: int = 200
    timed: int = 32
    rounds: int = 7
    threads: int = 2
    seed: int = 0
    batch: int = 50
    levels: tuple[float, ...] = (0.3, 0.6, 0.8, 0.9, 0.95)
    sde_steps: tuple[int, ...] = (10, 20, 50, 100, 200)
    flow_steps: tuple[int, ...] = (5, 10, 20, 40)
    tolerances: tuple[float, ...] = (1e-1, 1e-2, 1e-3)
    memory_steps: tuple[int, ...] = (1, 2, 4, 8, 16, 32)

    @property
    def curves(self) -> tuple[Run, ...]:
        """Every way to sample that is compared."""
        return (
            *(Run(SDE, steps) for steps in self.sde_steps),
            *(Run(SOLVER, steps) for steps in self.flow_steps),
            *(Run(FLOW, tolerance=tolerance) for tolerance in self.tolerances),
        )


def checked(settings: Settings) -> Settings:
    """The settings. Raises InputError for what says nothing, or is no number of anything."""
    for name in ("samples", "curve_samples"):
        if getattr(settings, name) < LEAST:
            raise InputError(name, getattr(settings, name), f"{LEAST} or more: fewer say nothing of a distribution")
    for name in ("restored", "timed", "rounds", "threads", "batch"):
        least = 2 if name == "restored" else 1
        if getattr(settings, name) < least:
            raise InputError(name, getattr(settings, name), f"at least {least}")
    return settings
