"""Pictures of results and devices. Imported only when a picture is wanted: it brings matplotlib in."""

from .animation import animate
from .files import check_suffix, save_figure
from .hysteresis import plot_hysteresis
from .maps import plot_maps
from .overview import plot_result
from .trajectories import plot_trajectories

__all__ = [
    "animate",
    "check_suffix",
    "plot_hysteresis",
    "plot_maps",
    "plot_result",
    "plot_trajectories",
    "save_figure",
]
