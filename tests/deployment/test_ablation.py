"""An effect that breaks a chip is told as such; the other cases are there."""

import torch

from cellnn.circuits.hardware import Hardware
from cellnn.devices.errors import SimulationError
from cellnn.devices.variability.quantiser import Quantiser
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.ablation import ablated, ablations
from cellnn.diffusion.deployment.noised import Questions

HARDWARE = Hardware(quantiser=Quantiser(6), gain=Spread(0.01), jitter=0.01, time_scale=10.0)


def test_cases_are_each_alone_all_and_all_but_one():
    cases = ablations(HARDWARE)
    effects = {"quantisation": "quantiser", "mismatch of weights": "gain", "jitter": "jitter"}
    assert set(cases) == {
        "all",
        "only the time scale",
        *(f"{kind} {name}" for kind in ("only", "all but") for name in effects),
    }
    for name, field in effects.items():
        for other in effects.values():
            is_on = getattr(cases[f"only {name}"], other) != getattr(Hardware(), other)
            assert is_on == (other == field)
            assert (getattr(cases[f"all but {name}"], other) != getattr(Hardware(), other)) == (other != field)
    assert all(case.time_scale == 10.0 for case in cases.values())


def test_a_case_that_fails_is_told_and_the_others_are_there():
    x = torch.ones(2, 1, 4, 4)
    asked = Questions(x, torch.full((2,), 0.5), None, 2 * x)

    def made(hardware):
        if hardware.jitter and not hardware.quantiser:
            raise SimulationError("states ran away")
        return lambda x, t, label: 1.5 * x

    found = ablated(lambda x, t, label: x, HARDWARE, made, asked, lambda network: None, lambda done: None)
    assert {name for name, one in found.items() if one.failed} == {"only jitter", "all but quantisation"}
    assert found["only jitter"].failed == "states ran away" and found["only jitter"].difference is None
    assert found["all"].error == 0.25 and found["all"].difference == 0.5
