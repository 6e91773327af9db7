"""The average of weights against its sum written out."""

import numpy as np
import pytest
import torch

from cellnn.devices import InputError
from cellnn.diffusion.process import Ema


def module():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3))


def moved(network, n, seed=4):
    """The network's parameters and buffers after each of n changes."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(n):
        for value in network.state_dict().values():
            value.add_(
                torch.ones_like(value) if value.dtype == torch.int64 else torch.randn(value.shape, generator=generator)
            )
        yield network


@pytest.mark.parametrize("warm_up", [True, False])
def test_the_average_is_the_weighted_sum_of_all_values(warm_up):
    network = module().double()
    ema = Ema(network, 0.9, warm_up)
    history = [{name: value.numpy().copy() for name, value in network.state_dict().items()}]
    for state in moved(network, 120):
        ema.update(state)
        history.append({name: value.numpy().copy() for name, value in network.state_dict().items()})
    decays = np.array([min(0.9, (1 + n) / (10 + n)) if warm_up else 0.9 for n in range(1, 121)])
    weights = np.array([1.0, *(1 - decays)]) * np.array([*(np.prod(decays[n:]) for n in range(120)), 1.0])
    assert weights.sum() == pytest.approx(1)
    for name, average in ema.averages().items():
        if "num_batches" in name:
            assert average.item() == 120
        else:
            expected = sum(w * values[name] for w, values in zip(weights, history, strict=True))
            assert np.allclose(average.numpy(), expected, rtol=1e-10, atol=1e-12)
    assert set(ema.averages()) == set(network.state_dict())


def test_the_module_is_not_touched_and_receives_the_averages_when_asked():
    network = module()
    ema = Ema(network, 0.5)
    for state in moved(network, 3):
        ema.update(state)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert not torch.equal(before["0.weight"], ema.averages()["0.weight"])
    ema.copy_to(network)
    for name, value in network.state_dict().items():
        assert torch.equal(value, ema.averages()[name])


def test_an_interrupted_average_goes_on_with_the_same_bits():
    whole, network = Ema(module(), 0.99), module()
    parts = Ema(network, 0.99)
    for k, state in enumerate(moved(network, 20)):
        if k == 10:
            saved = {name: value.clone() for name, value in parts.state_dict().items()}
            parts = Ema(module(), 0.99)
            parts.load_state_dict(saved)
        parts.update(state)
        whole.update(state)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name])


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="from 0 to below 1"):
        Ema(module(), 1.0)
    ema = Ema(module())
    state = ema.state_dict()
    with pytest.raises(InputError, match="0.weight: got nothing|0.weight: expected a tensor of the shape"):
        ema.load_state_dict({name: value for name, value in state.items() if name != "0.weight"})
    with pytest.raises(InputError, match="got \\(2,\\)"):
        ema.load_state_dict({**state, "0.bias": torch.zeros(2)})
    with pytest.raises(InputError, match="no such tensor"):
        ema.load_state_dict({**state, "other": torch.zeros(2)})
