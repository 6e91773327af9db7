"""What ngspice there is, and what it can do, by asking it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import batch, shared
from .errors import SpiceError
from .processes import Children

_ASK = "what can you do\n.control\nversion -f\nquit\n.endc\n.end\n"
_KLU = "a divider for KLU\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.options klu\n.tran 1n 2n\n.end\n"
_FEATURES = ("XSPICE", "CIDER", "KLU", "OSDI", "OpenMP")


@dataclass(frozen=True)
class EngineReport:
    """One engine: `trouble` says why it is not there, and is empty where it is.

    `path` is the executable's or the library's, `features` what of XSPICE, CIDER, KLU, OSDI and OpenMP the build says
    it has, `banner` its own words.
    """

    name: str
    trouble: str = ""
    version: str = ""
    path: str = ""
    features: tuple[str, ...] = ()
    banner: str = ""

    @property
    def available(self) -> bool:
        """Whether decks can be run on it."""
        return not self.trouble


@dataclass(frozen=True)
class Probe:
    """Both engines."""

    batch: EngineReport
    shared: EngineReport

    @property
    def engines(self) -> tuple[str, ...]:
        """The names of those that are there."""
        return tuple(report.name for report in (self.batch, self.shared) if report.available)


def probe_ngspice() -> Probe:
    """Ask both engines for their version and features. What is missing is reported, not raised."""
    return Probe(_probe_batch(), _probe_shared())


def _probe_batch() -> EngineReport:
    try:
        path = batch.executable()
        banner = batch.ask([path, "-n", "-b", "ask.cir"], {"ask.cir": _ASK})
        klu = batch.attempt(_KLU, 30.0, Children())
    except SpiceError as error:
        return EngineReport("batch", error.summary)
    return _report("batch", path, banner, klu.log)


def _probe_shared() -> EngineReport:
    try:
        path, banner = shared.report()
        klu = shared.attempt(_KLU, 30.0, Children())
    except SpiceError as error:
        return EngineReport("shared", error.summary)
    return _report("shared", path, banner, klu.log)


def _report(name: str, path: str, banner: str, klu: str) -> EngineReport:
    """The features a banner names; whether KLU is there, also from a run that asks for it."""
    version = batch.version_in(banner)
    if not version:
        return EngineReport(name, f"{path} does not say that it is ngspice", path=path, banner=banner)
    said = [line for line in banner.splitlines() if not re.search(r"\bnot (compiled|included|enabled)\b", line)]
    features = [feature for feature in _FEATURES if any(feature.lower() in line.lower() for line in said)]
    if "KLU" not in features and re.search(r"\busing KLU\b", klu, re.I):
        features.append("KLU")
    return EngineReport(
        name, "", version, path, tuple(features), "\n".join(line for line in banner.splitlines() if line)
    )
