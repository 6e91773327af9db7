"""Which of ngspice's lines mean that a run failed.

Neither the exit status nor the place of a line tells: ngspice answers 0 after errors, writes harmless notes to standard
error (gmin stepping; the solver's name from version 42 on), and some errors to standard output.
"""

from __future__ import annotations

import re

_NUMBER = r"[-+]?\d+\.\d+(e[-+]\d+)?"
_PROGRESS = re.compile(rf"^((trying gmin\s*=|supplies reduced to|reference value\s*:)\s*{_NUMBER}\s*%?\s*)+", re.I)
"""Notes of progress have no line end of their own: what follows may be another note, or an error."""

_HARMLESS = re.compile(
    r"^note:"
    r"|^warning: .*\b(gmin|source)\b.*\b(stepping|step|increment)"  # one way to a starting point failed; others follow
    r"|can't find (the )?init"  # spinit, ngspice's own start-up file
    r"|\.(cm|osdi)\b.*(could ?n[o']t|cannot) be loaded|opening code model",  # models that a deck may do without
    re.I,
)

_FATAL = re.compile(
    r"\berror\b|\bfatal\b|\babort|\bnot (run|started|parsed|found)\b|\bfailed\b|singular matrix|time ?step too small"
    r"|\bunknown\b|unrecogni[sz]ed|unimplemented|\bundefined\b|\bno such\b|can't find model|could not find|out of range"
    r"|too (many|few) parameters|\binvalid\b|\billegal\b|no convergence"
    r"|set to 1 mohm|not a valid|\bignor(ed|ing)\b",  # ngspice has changed the circuit
    re.I,
)

_NEWTON = re.compile(r"singular matrix|out of range", re.I)
_SETTLED = re.compile(r"^note: .*(stepping completed|finished successfully)", re.I)
"""An iterate on the way to the operating point may be singular or beyond a function's range: one of ngspice's other
ways, as gmin stepping, then finds the point all the same, and says so."""

_FATAL_ON_STDOUT = re.compile(r"^\s*((fatal )?error\b|doAnalyses:|run simulation\(s\) aborted)", re.I)
"""Stricter: standard output also repeats titles and names of nodes, which may hold any word."""

_USAGE = re.compile(
    r"^((total|maximum|current|shared)\b.*(seconds|dram|size|pages)|dram|text \(code\)|stack =|library)", re.I
)


def complaint(stdout: str, stderr: str) -> str:
    """The first line that says that the run failed; empty where there is none."""
    lines = [_PROGRESS.sub("", line.strip()) for line in stderr.splitlines() if line.strip()]
    settled = max((k for k, line in enumerate(lines) if _SETTLED.search(line)), default=-1)
    for k, said in enumerate(lines):
        if k < settled and _NEWTON.search(said):
            continue
        if _FATAL.search(said) and not _HARMLESS.search(said):
            # "Error on line 2 or its substitute:" is followed by the line, and by what is wrong with it
            return " ".join([said, *lines[k + 1 : k + 3]])[:300] if said.endswith(":") else said
    return next((line.strip() for line in stdout.splitlines() if _FATAL_ON_STDOUT.match(line)), "")


def tail(log: str, lines: int = 20, width: int = 160) -> tuple[str, ...]:
    """A log's last lines, without blank ones, repetitions and ngspice's account of memory; long ones shortened."""
    said = [line.strip() for line in log.splitlines() if line.strip() and not _USAGE.match(line.strip())]
    said = [line for line, before in zip(said, ["", *said], strict=False) if line != before]
    return tuple(line if len(line) <= width else f"{line[: width - 3]}..." for line in said[-lines:])


def warnings(stderr: str) -> tuple[str, ...]:
    """The warnings that did not make the run fail, each once."""
    found = (_PROGRESS.sub("", line.strip()) for line in stderr.splitlines())
    return tuple(dict.fromkeys(line for line in found if line.lower().startswith("warning")))
