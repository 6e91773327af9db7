"""The `hardware` section: thermal noise on, off, and refused; what this version does not have is refused by name."""

import pytest

import cellnn
from cellnn.circuits.noise import ThermalNoise


@pytest.mark.parametrize("absent", [None, {}, {"noise": False}, {"noise": None}])
def test_off(spec, absent):
    assert cellnn.load(spec).noise is None
    assert cellnn.load({**spec, "hardware": absent}).noise is None


@pytest.mark.parametrize(
    "written, kelvin",
    [
        (True, 300.0),
        ({}, 300.0),
        ({"temperature": "77K"}, 77.0),
        ({"temperature": "0.3 kK"}, 300.0),
        ({"temperature": "3e2 K"}, 300.0),
        ({"temperature": "20mK"}, 0.02),
        ({"temperature": 0}, 0.0),
    ],
)
def test_temperatures(spec, written, kelvin):
    noise = cellnn.load({**spec, "hardware": {"noise": written}}).noise
    assert noise == ThermalNoise(kelvin)


@pytest.mark.parametrize(
    "written, said",
    [
        ({"noise": {"temperature": -1}}, ["hardware.noise.temperature", "-1", "0 to 2000 K"]),
        ({"noise": {"temperature": "3kK"}}, ["hardware.noise.temperature", "3kK", "0 to 2000 K"]),
        ({"noise": {"temperature": "27C"}}, ["hardware.noise.temperature", "27C", "300K"]),
        ({"noise": {"temprature": 300}}, ["hardware.noise.temprature", "did you mean temperature?"]),
        ({"noise": 300}, ["hardware.noise", "true, false or {temperature: 300 K}"]),
        ({"nois": True}, ["hardware.nois", "did you mean noise?"]),
        ({"mismatch": 0.1}, ["hardware.mismatch", "no mismatch yet"]),
        ({"noise": True, "drift": {"model": "cmo"}}, ["hardware.drift", "no drift yet"]),
        (["noise"], ["hardware", "a mapping with the keys noise"]),
    ],
)
def test_refused(spec, written, said):
    with pytest.raises(cellnn.InputError) as caught:
        cellnn.load({**spec, "hardware": written})
    for word in said:
        assert word in str(caught.value)


@pytest.mark.parametrize("method", ["rk4", "euler", "dopri5"])
def test_a_noisy_run_takes_heun(spec, method):
    spec["run"]["method"] = method
    assert cellnn.load(spec).noise is None
    with pytest.raises(cellnn.InputError, match=rf"run\.method: got '{method}'.*write heun"):
        cellnn.load({**spec, "hardware": {"noise": True}})
    spec["run"]["method"] = "heun"
    assert cellnn.load({**spec, "hardware": {"noise": True}}).noise == ThermalNoise(300.0)
