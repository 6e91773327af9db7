"""The diffusion process: schedules, predictions, losses, samplers, and the average of weights."""

from .ema import Ema
from .failures import SamplingError
from .grids import GRIDS, time_grid
from .guidance import drop_labels, guided
from .loss import Denoise, Weighting, diffusion_loss, draw_times, loss_weight
from .noise import SampleNoise, noise_of
from .predictions import PREDICTIONS, Prediction, convert, noised, target, to_eps, to_x0
from .sample import points_of, sample
from .samplers import SAMPLERS, Context, Sampler, find_sampler
from .schedule import Schedule

__all__ = [
    "GRIDS",
    "PREDICTIONS",
    "SAMPLERS",
    "Context",
    "Denoise",
    "Ema",
    "Prediction",
    "SampleNoise",
    "Sampler",
    "SamplingError",
    "Schedule",
    "Weighting",
    "convert",
    "diffusion_loss",
    "draw_times",
    "drop_labels",
    "find_sampler",
    "guided",
    "loss_weight",
    "noise_of",
    "noised",
    "points_of",
    "sample",
    "target",
    "time_grid",
    "to_eps",
    "to_x0",
]
