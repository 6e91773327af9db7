"""torch.compile where it pays and works, plain torch elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

LONG_RUN = 10_000
"""Steps of a small array after which a run has taken about as long as compiling does; a step of an array takes longer
in proportion once it fills the device. Counted, not timed: the same run gives the same bits."""
SMALL = 200_000
"""Values (states, samples and cells together) that a device steps in the time it takes to launch the kernels."""


class Compiling:
    """Functions of tensors, run as they are until compiling them is worth the wait, or for good if it fails.

    `wanted`: True compiles at once, False never, None after a long run on a GPU. A compiled function fuses
    the kernels of a step, so that a state is read and written a few times instead of once for every operation.
    """

    def __init__(self, wanted: bool | None, device: torch.device, values: int) -> None:
        never = wanted is False or (wanted is None and device.type == "cpu")
        self._patience = float("inf") if never else 0.0 if wanted else LONG_RUN / (1.0 + values / SMALL)
        self._steps = 0
        self.failure = ""
        """Why plain torch runs although compiling was wanted."""

    def step(self) -> None:
        """Count a step."""
        self._steps += 1

    def form(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, in the form that is due at each call."""
        compiled = torch.compile(function, dynamic=False)
        works = False

        def run(*arguments: Any) -> Any:
            nonlocal works
            if self.failure or self._steps < self._patience:
                return function(*arguments)
            try:
                result = compiled(*arguments)
                works = True
                return result
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # noqa: BLE001  (no Triton, no C compiler, or torch.compile's own limits)
                if works:
                    raise
                self.failure = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
                return function(*arguments)

        return run
