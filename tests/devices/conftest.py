"""Compiled devices, each compiled once for all tests of this folder."""

from __future__ import annotations

import functools

import pytest

from cellnn.devices.codegen.numba_functions import numba_functions
from cellnn.devices.codegen.torch_functions import torch_functions

numba_of = functools.cache(numba_functions)
torch_of = functools.cache(torch_functions)


@pytest.fixture(scope="session")
def compiled():
    """device -> its numba functions."""
    return numba_of


@pytest.fixture(scope="session")
def tensors():
    """device -> its torch functions."""
    return torch_of
