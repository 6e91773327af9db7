"""The measures there are: of circuits in `measures`, of deployments in `deployments`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A number of one point."""

    text: str
    unit: str
    """Empty: a pure number."""
    of: str = "circuit"
    ideal: bool = False
    """Whether the designed circuit must run too."""
    settles: bool = False
    """Whether it needs run.settle."""


MEASURES = {
    "error_rms": Measure("root mean square of the final output's difference to the ideal chip's", "V1", ideal=True),
    "error_max": Measure("largest difference of a final output to the ideal chip's", "V1", ideal=True),
    "agreement": Measure("share of cells whose final output has the sign of the ideal chip's", "", ideal=True),
    "output_mean": Measure("mean of the final outputs", "V1"),
    "output_std": Measure("standard deviation of the final outputs over the cells", "V1"),
    "state_max": Measure("largest |v| of any cell at the saved times", "V"),
    "settling_time": Measure("when the last cell has come to rest; none where one has not", "s", settles=True),
    "settled": Measure("share of cells that have come to rest", "", settles=True),
    "energy": Measure("heat in R and memristors of all cells, integrated over the saved times", "J"),
    "memristor_shift": Measure("largest change of a memristor's state", ""),
    "similarity": Measure("mean SSIM of the chip's pictures to the ideal arrays'", "", "deployment"),
    "similarity_least": Measure("least SSIM of a picture to the ideal arrays'", "", "deployment"),
    "answer_error": Measure("largest relative error of the network's answers over diffusion time", "", "deployment"),
    "recognised": Measure("share of pictures recognised as the class asked for", "", "deployment"),
    "energy_per_picture": Measure("of the report's cost", "J", "deployment"),
}
OF_CIRCUITS = tuple(name for name, measure in MEASURES.items() if measure.of == "circuit")
OF_DEPLOYMENTS = tuple(name for name, measure in MEASURES.items() if measure.of == "deployment")
