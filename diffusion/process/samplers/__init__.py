"""The samplers, one per file."""

from ....devices.errors import InputError, did_you_mean
from .ddim import DDIM
from .ddpm import DDPM
from .dpm_solver import DPM_SOLVER
from .heun import HEUN
from .probability_flow import PROBABILITY_FLOW
from .reverse_sde import REVERSE_SDE
from .sampler import Context, Point, Sampler

SAMPLERS: dict[str, Sampler] = {
    sampler.name: sampler for sampler in (DDPM, DDIM, DPM_SOLVER, HEUN, PROBABILITY_FLOW, REVERSE_SDE)
}


def find_sampler(name: str) -> Sampler:
    """The sampler of this name. Raises InputError when there is none."""
    if name not in SAMPLERS:
        raise InputError("sampler", name, f"one of {', '.join(SAMPLERS)}", did_you_mean(name, SAMPLERS))
    return SAMPLERS[name]


__all__ = ["SAMPLERS", "Context", "Point", "Sampler", "find_sampler"]
