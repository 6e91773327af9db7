"""Why the report holds no Frechet distance on Inception's features."""

from __future__ import annotations


def why_absent(channels: int) -> str:
    """The reason, for pictures of this many channels."""
    if channels != 3:
        return "Inception's features are those of colour photographs: they say little about one-channel pictures"
    return (
        "Inception's weights are published as a pickle, and opening one can run any code: torch-fidelity, run by "
        "itself on pictures written as files, computes it"
    )
