import numpy as np
import pytest

from .pictures import BINARY


@pytest.fixture(params=list(BINARY))
def picture(request: pytest.FixtureRequest) -> np.ndarray:
    """A binary picture; True is black."""
    return BINARY[request.param]
