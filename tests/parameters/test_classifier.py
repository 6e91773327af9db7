from __future__ import annotations

import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.ndimage import correlate

from cellnn.diffusion.parameters.sources.network import Classifier
from cellnn.diffusion.parameters.sources.spec import ClassifierSpec


def test_logits_are_those_of_the_equations():
    """Against SciPy: every cell integrated, correlations by ndimage, the rest by hand."""
    spec = ClassifierSpec.model_validate({"channels": [2, 3], "method": "rk4", "steps": 40, "stop": "1.5us"})
    net = Classifier(spec, (1, 8, 8), 4, torch.Generator().manual_seed(3)).double()
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for layer in net.layers:
            layer.gain.uniform_(0.5, 1.5, generator=generator)
            layer.cells.z.uniform_(-0.5, 0.5, generator=generator)
    u = torch.rand(1, 1, 8, 8, generator=generator, dtype=torch.float64) * 2 - 1
    h = u[0].numpy()
    for k, layer in enumerate(net.layers):
        edge = {"mode": "constant", "cval": -1.0} if k == 0 else {"mode": "nearest"}
        weights = {name: p.detach().numpy() for name, p in layer.named_parameters()}
        h = _mean_of_four(_array(h, weights, edge, spec))
    weight, bias = (p.detach().numpy() for p in net.readout.parameters())
    np.testing.assert_allclose(net(u).detach().numpy()[0], weight @ h.ravel() + bias, rtol=0, atol=2e-6)


def _array(u, weights, edge, spec):
    A, B = weights["cells.dynamics.A"], weights["cells.B"]
    z, gain = weights["cells.z"], weights["gain"]

    def coupled(template, planes):
        return np.stack([sum(correlate(p, t, **edge) for p, t in zip(planes, row, strict=True)) for row in template])

    feed = gain[:, None, None] * coupled(B, u) + z[:, None, None]

    def rate(_, v):
        v = v.reshape(feed.shape)
        return ((-v + coupled(A, np.clip(v, -1, 1)) + feed) / (spec.R * spec.C)).ravel()

    end = solve_ivp(rate, (0, spec.stop), np.zeros(feed.size), rtol=1e-9, atol=1e-11).y[:, -1]
    return np.clip(end.reshape(feed.shape), -1, 1)


def _mean_of_four(planes):
    c, rows, columns = planes.shape
    return planes.reshape(c, rows // 2, 2, columns // 2, 2).mean((2, 4))
