"""Running ngspice: two engines, one strict judgement of what came back."""

from .errors import SpiceError
from .many import Job, run_decks
from .probe import EngineReport, Probe, probe_ngspice
from .run import run_deck
from .waves import Waves

__all__ = ["EngineReport", "Job", "Probe", "SpiceError", "Waves", "probe_ngspice", "run_deck", "run_decks"]
