"""Denoisers: the U-Net of DDPM, and a plain one of blocks: convolutions, cell arrays, differential equations."""

from .build import build_network, parameter_count
from .denoiser import Denoiser
from .multiply_adds import multiply_adds
from .spec import NetworkSpec

__all__ = ["Denoiser", "NetworkSpec", "build_network", "multiply_adds", "parameter_count"]
