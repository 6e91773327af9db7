"""Chosen parameters of a network as vectors, and the files collections of them are kept in."""

from .collection import Collection, read_collection
from .layout import Layout

__all__ = ["Collection", "Layout", "read_collection"]
