"""Diffusion in latents: a small autoencoder in front of the process (Rombach et al. 2022, arXiv 2112.10752)."""

from .autoencoder import Autoencoder, LatentError, build_autoencoder
from .spec import LatentSpec, latent_shape

__all__ = ["Autoencoder", "LatentError", "LatentSpec", "build_autoencoder", "latent_shape"]
