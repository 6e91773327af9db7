"""Which devices there are, when torch is imported, and torch.compile."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from cellnn.devices.errors import InputError
from cellnn.simulator.on_torch.integrate import integrate_on_torch

from .cases import problem, run


@pytest.mark.parametrize("device", ["cuda:99", "tpu", "meta", "cuda:x", "", None])
def test_a_device_that_is_not_there(device):
    with pytest.raises(InputError, match=r"^device: got .*expected a device that is there: cpu"):
        integrate_on_torch(problem(), run(), device=device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_cuda_the_error_says_so():
    with pytest.raises(InputError, match="torch sees no CUDA device"):
        integrate_on_torch(problem(), run(), device="cuda")


def test_a_precision_that_is_none():
    with pytest.raises(InputError, match=r"^precision: got 'half'; expected double or single"):
        integrate_on_torch(problem(), run(), device="cpu", precision="half")


def test_cellnn_does_not_import_torch():
    program = "import sys, cellnn, cellnn.simulator.simulate; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=100).returncode == 0


def small():
    return problem(A=0.5, B=1.0, u=0.3, rows=1, columns=2), run("euler", stop=1e-7, step=1e-8)


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler")
def test_compiled_steps_are_the_same():
    plain = integrate_on_torch(*small(), device="cpu", compiled=False)
    compiled = integrate_on_torch(*small(), device="cpu", compiled=True)
    np.testing.assert_allclose(compiled.states, plain.states, rtol=1e-13)


def test_plain_torch_runs_where_compiling_fails(monkeypatch):
    def refuse(*arguments, **settings):
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(torch, "compile", refuse)
    plain = integrate_on_torch(*small(), device="cpu", compiled=False)
    with pytest.warns(UserWarning, match="plain torch runs: no compiler here"):
        fallen_back = integrate_on_torch(*small(), device="cpu", compiled=True)
    np.testing.assert_array_equal(fallen_back.states, plain.states)
    assert np.ptp(plain.states) > 0
