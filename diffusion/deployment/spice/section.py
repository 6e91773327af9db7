"""The cross-check as a part of the report's page."""

from __future__ import annotations

from typing import Any

from ..html import table


def section(content: dict[str, Any]) -> str:
    """HTML of the cross-check; `content` is {"windows": [asdict(check), ..]}. Nothing where none was made."""
    checks = content["windows"]
    if not checks:
        return ""
    agree = sum(one["agrees"] for one in checks)
    lead = (
        f"A window of each layer in ngspice {checks[0]['ngspice']}: its cells with their own weights, R, C and "
        "memristors, under a noised picture; their neighbours put out what the grid simulator gives them. "
        f"{agree} of {len(checks)} agree: the measure - of the worst cell, the rms over time of the difference in "
        "units of what is tolerated - is below 1. The last column but one is how far the outputs that the deployment "
        "itself computes, in its few steps, are from ngspice's at the end of the run."
    )
    rows = [
        [
            one["layer"],
            f"{one['window']}, {len(one['channels'])} of {one['size'][0]} channels",
            f"{one['elements']}",
            f"{one['measure']:.3g}",
            "yes" if one["agrees"] else "no",
            f"{one['steps']:.2%}",
            f"{one['seconds']:.1f}",
        ]
        for one in checks
    ]
    head = ("layer", "cells", "elements", "measure", "agree", "distance of own steps", "ngspice [s]")
    return f"<h2>In SPICE</h2><p>{lead}</p>" + table(head, rows)
