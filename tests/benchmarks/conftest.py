import pytest
import torch


@pytest.fixture(autouse=True)
def threads_of_torch():
    """Rivals compiled with numba's `parallel=True` set OpenMP's number of threads, which is torch's as well, for the
    rest of the process: sums of tests that come later would have other last bits than in a process of their own."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
