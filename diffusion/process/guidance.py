"""Classifier-free guidance: one network, asked with and without the class (Ho and Salimans 2022, arXiv 2207.12598)."""

from __future__ import annotations

import torch
from torch import Tensor

from .loss import Denoise


def guided(denoise: Denoise, scale: float, classes: int) -> Denoise:
    """The denoise function p_none + scale (p_class - p_none); `classes` is the label that means none.

    Scale 1 is the function itself, one evaluation and the same bits; 0 is the network without the class, one
    evaluation too; all others ask once with the batch twice as long. (The paper's w is scale - 1.) It is the same for
    predictions of eps, x0 and v, which are linear in each other at a given x.
    """
    if scale == 1.0:
        return denoise

    def combined(x: Tensor, t: Tensor, label: Tensor | None) -> Tensor:
        none = torch.full(x.shape[:1], classes, dtype=torch.int64, device=x.device)
        if scale == 0.0 or label is None:
            return denoise(x, t, none)
        both = denoise(torch.cat([x, x]), torch.cat([t, t]), torch.cat([label, none]))
        with_class, without = both.chunk(2)
        return without + scale * (with_class - without)

    return combined


def drop_labels(label: Tensor, probability: float, classes: int, generator: torch.Generator) -> Tensor:
    """Labels (n,) of which each became `classes`, no class, with this probability: what the training of guidance needs.

    The generator is one of the CPU; the labels may be anywhere.
    """
    dropped = torch.rand(label.shape, generator=generator) < probability
    return label.masked_fill(dropped.to(label.device), classes)
