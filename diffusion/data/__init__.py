"""Pictures to learn from: `load_images("mnist-5k")`. torch is imported when pictures are loaded, not before."""

from .images import ImageData, load_images
from .sets import DATA_SETS

__all__ = ["DATA_SETS", "ImageData", "load_images"]
