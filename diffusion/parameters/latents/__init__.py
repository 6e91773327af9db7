"""The generative model: an autoencoder of vectors, and diffusion on its latents.

Both are trained by the loop that pictures are trained by (`diffusion/training`): `subject.py` is what it has to know.
"""

from .config import ParametersConfig, read_parameters_config
from .subject import PARAMETERS

__all__ = ["PARAMETERS", "ParametersConfig", "read_parameters_config"]
