"""What lets distant places of a picture know of each other."""

from __future__ import annotations

from torch import Tensor, nn

from .blocks.conv import groups_of


class Attention(nn.Module):
    """Self-attention of one head over the places of a plane, beside a way around.

    (Ho et al. 2020, after Wang et al. 2018, non-local networks.) Its last coupling starts at zero, so that it starts
    as the identity.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups_of(channels), channels)
        self.asked = nn.Conv2d(channels, 3 * channels, 1)
        self.answer = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.answer.weight)
        assert self.answer.bias is not None
        nn.init.zeros_(self.answer.bias)

    def forward(self, h: Tensor) -> Tensor:
        """(n, channels, rows, columns) of h in that shape."""
        query, key, value = self.asked(self.norm(h)).flatten(2).chunk(3, dim=1)  # (n, channels, places) each
        weights = (query.transpose(1, 2) @ key * query.shape[1] ** -0.5).softmax(dim=2)
        return h + self.answer((value @ weights.transpose(1, 2)).unflatten(2, h.shape[2:]))
