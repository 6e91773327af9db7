"""docs/parameters.md: the parts that are measured are written from reports, the rest is text."""

from __future__ import annotations

from typing import Any

from .on_chips import on_chips
from .templates import denoisers, templates

BEGIN, END = "<!-- measured: written by examples/parameters_study.py -->", "<!-- end of measured -->"


def measured(report: dict[str, Any], chips: dict[str, Any] | None, denoiser: dict[str, Any] | None) -> str:
    """The measured part of the page, Markdown, of the reports of templates, of a model for chips, and of a denoiser."""
    parts = [BEGIN, "", *templates(report)]
    parts += [] if denoiser is None else ["", *denoisers(denoiser)]
    parts += [] if chips is None else ["", *on_chips(chips)]
    return "\n".join([*parts, "", END])


def replaced(page: str, text: str) -> str:
    """The page with this measured part in place of the one it has. ValueError where it has none."""
    begin, end = page.index(BEGIN), page.index(END) + len(END)
    return page[:begin] + text + page[end:]
