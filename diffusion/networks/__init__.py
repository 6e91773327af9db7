"""Denoisers: one U-Net skeleton, whose blocks are convolutions or cell arrays."""

from .build import Denoiser, build_network, parameter_count
from .spec import NetworkSpec

__all__ = ["Denoiser", "NetworkSpec", "build_network", "parameter_count"]
