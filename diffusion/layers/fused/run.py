"""A layer's integration handed to the compiled steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ....devices.parameter import flat_parameters
from ..equations import TRAINABLE
from ..integration import FixedSteps
from .plan import Run
from .steps import FusedSteps

if TYPE_CHECKING:
    from ..dynamics import ArrayDynamics

DTYPES: dict[torch.dtype, np.dtype[Any]] = {torch.float32: np.dtype(np.float32), torch.float64: np.dtype(np.float64)}


def run_fused(
    layer: ArrayDynamics, feed: Tensor, start: Tensor | None, states: bool, check: Callable[[Tensor], None]
) -> tuple[Tensor, Tensor | None]:
    """(outputs, the states if asked for) at the layer's stop; a start of None is 0. `check` sees all final s."""
    assert isinstance(layer.integration, FixedSteps)
    values = dict(zip(flat_parameters(layer.cell), layer.quantities.values(feed), strict=True))
    given = {name: values[name] for name in TRAINABLE if isinstance(values.get(name), Tensor)}
    trained = [value for value in given.values() if isinstance(value, Tensor)]
    x0 = layer.quantities.x0_of_channels().to(feed) if layer.quantities.memristive else None
    A = layer.A
    run = Run(
        cell=layer.cell,
        boundary=layer.boundary,
        groups=layer.groups,
        tableau=layer.integration.tableau,
        steps=layer.integration.steps,
        h=layer.stop / layer.integration.steps,
        channels=layer.channels,
        size=(feed.shape[2], feed.shape[3]),
        kernel=(A.shape[2], A.shape[3]),
        dtype=DTYPES[feed.dtype],
        trained=tuple(given),
    )
    tensors = [value for value in (A, feed, start, x0, *trained) if value is not None]
    keep = torch.is_grad_enabled() and any(value.requires_grad for value in tensors)
    start = None if start is None else start.contiguous()
    return FusedSteps.apply(run, keep, states, check, A, feed.contiguous(), start, x0, *trained)  # type: ignore[no-untyped-call]
