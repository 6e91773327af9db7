"""What parameters are collected of: a classifier made of arrays, or a trained denoiser."""

from .open import open_source
from .source import Source

__all__ = ["Source", "open_source"]
