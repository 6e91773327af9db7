"""torch.compile where it pays and works, plain torch elsewhere."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

LONG_RUN = 10_000
"""Steps of a small array after which a run has taken about as long as compiling does; a step of an array takes longer
in proportion once it fills the device. Counted, not timed: the same run gives the same bits."""
SMALL = 200_000
"""Values (states, samples and cells together) that a device steps in the time it takes to launch the kernels."""

Function = Callable[..., Any]


class Compiling:
    """Functions of tensors, run as they are until compiling them is worth the wait, and for good if that fails.

    `wanted`: True compiles at once, False never, None after a long run on a GPU. A compiled function fuses
    the kernels of a step, so that a state is read and written a few times instead of once for every operation.
    """

    def __init__(self, wanted: bool | None, device: torch.device, values: int) -> None:
        never = wanted is False or (wanted is None and device.type == "cpu")
        self._patience = float("inf") if never else 0.0 if wanted else LONG_RUN / (1.0 + values / SMALL)
        self._steps = 0

    def step(self) -> None:
        """Count a step."""
        self._steps += 1

    def form(self, function: Function) -> Function:
        """The function, in the form that is due at each call."""
        compiled: Function | None = None

        def run(*arguments: Any) -> Any:
            nonlocal compiled
            if self._steps < self._patience:
                return function(*arguments)
            if compiled is not None:
                return compiled(*arguments)
            try:
                # here, not above: what compiles takes seconds to import
                first = torch.compile(function, dynamic=False)
                result = first(*arguments)
            except torch.cuda.OutOfMemoryError:
                raise
            except Exception as error:  # noqa: BLE001  (no Triton, no C compiler, or limits of torch.compile itself)
                self._patience = float("inf")
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                warnings.warn(f"torch.compile cannot be used here, plain torch runs: {reason}", stacklevel=2)
                return function(*arguments)
            compiled = first
            return result

        return run
