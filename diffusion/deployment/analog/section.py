"""The analog loop in the report."""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from typing import Any

from quantiphy import Quantity

from ...training.model import TrainedModel
from ..html import table
from .compare import Comparison
from .loop import Loop


def content_of(model: TrainedModel, loop: Loop, comparison: Comparison) -> dict[str, Any]:
    """What report.json holds of a comparison; `loop` is the one described."""
    return {
        "loop": loop.described(model.schedule, model.prediction),
        "samples": len(next(iter(comparison.pictures.values()))),
        "rows": [asdict(row) for row in comparison.rows],
    }


def section(content: dict[str, Any]) -> str:
    """HTML of what `content_of` gave."""
    loop, rows = content["loop"], content["rows"]
    stages = ", ".join(
        f"{value:.3g} for {'x itself' if name == 'x' else 'the answer'} (R = {_si(loop['resistors'][name], 'Ohm')})"
        for name, value in loop["gains"].items()
        if value > 0.0
    )
    text = (
        f"An integrator for each pixel in a closed loop with the network, {content['samples']} pictures from the "
        f"digital sampler's noise. The ramp ({loop['ramp']}) takes {_si(loop['ramp_time'], 's')}, the network "
        f"{_si(loop['latency'], 's')} for an answer, "
        + ("which the integrators do not wait for. " if loop["late"] else "for which the integrators wait. ")
        + f"C = {_si(loop['capacitor'], 'F')}; largest gains per ramp: {stages}."
    )
    if loop["noise"]:
        noise = loop["noise"]
        text += (
            f" Its noise is a resistor's of {_si(noise['input_rms'], 'V')} rms, amplified {noise['gain']:.4g} times in "
            f"{_si(noise['bandwidth'], 'Hz')}, through a stage of {_si(noise['resistor'], 'Ohm')}."
        )
    head = ("sampler", "answers", "time of a picture", "rms difference", "mean SSIM", "Frechet distance")
    return f"<h2>Analog sampler</h2><p>{escape(text)}</p>" + table(head, [_row(row) for row in rows])


def _row(row: dict[str, Any]) -> list[str]:
    found = row["frechet"]
    frechet = "-"
    if found:
        low, high = found["interval"]
        frechet = f"{found['value']:.4g} ({low:.4g} to {high:.4g})"
    time = "-" if row["duration"] is None else _si(row["duration"], "s")
    return [row["name"], str(row["asked"]), time, f"{row['difference']:.4f}", f"{row['similarity']:.4f}", frechet]


def _si(value: float, unit: str) -> str:
    """With an SI prefix and three digits."""
    return str(Quantity(value, unit).render(prec=2))
