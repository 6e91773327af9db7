"""What the names in generated source mean here: torch's, without copies from the host."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ...devices.codegen import torch_namespace
from ...devices.codegen.torch_namespace import *  # noqa: F403  (the namespace is what this file is)


def where(condition: Any, yes: Any, no: Any, *like: Any) -> Any:  # type: ignore[no-redef]
    """`yes` where the condition holds, `no` elsewhere; of two numbers in the precision of `like`.

    A number is filled in on the device: `torch.tensor` would copy it from the host, and wait for the device.
    """
    if isinstance(condition, Tensor) and not isinstance(yes, Tensor) and not isinstance(no, Tensor):
        dtype = next(z.dtype for z in like if isinstance(z, Tensor))
        yes = torch.full((), yes, dtype=dtype, device=condition.device)
    return torch_namespace.where(condition, yes, no)
