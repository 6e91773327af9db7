"""Published figures of other hardware, to hold ours against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Yardstick:
    """What was published, where, and what of it may be compared."""

    name: str
    published: str
    source: str
    comparable: str


ACE16K_TIME, ACE16K_EFFICIENCY = 1.5e-6, 82.5e9
"""s for a 3 x 3 convolution of 128 x 128 pixels, and operations per joule at the peak."""

YARDSTICKS = (
    Yardstick(
        "ACE16k",
        "3 x 3 convolution of 128 x 128 pixels in less than 1.5 us; at its peak 330 GOPS and 82.5 GOPS/W",
        "A. Rodriguez-Vazquez et al., IEEE Trans. Circuits and Systems I 51(5), 851 (2004)",
        "The time with that of an array's run, without conversions: one plane in, one out there, many here. "
        "GOPS/W is a peak figure of a made chip; ours counts two operations for each weight of each cell.",
    ),
    Yardstick(
        "Yang et al.",
        "diffusion with analogue resistive memory: 64.8 and 156.5 times faster, 5.2 and 4.1 times less energy than "
        "digital hardware (preprint; 69.0 and 116.5 times, 31.5 and 52.0 % less energy in print)",
        "J. Yang et al., arXiv 2404.05648 (2024), and Nature Communications",
        "Ratios only, and only their order: their tasks are points in a plane and latents of letters, their network "
        "is far smaller, their loop has no converters between steps, and their digital side is not this processor.",
    ),
)
