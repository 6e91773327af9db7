"""The `hardware` section: effects on, off, and refused."""

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
        ({"noise": 300}, ["hardware.noise", "true, false or a mapping, such as {temperature: 300 K}"]),
        ({"nois": True}, ["hardware.nois", "did you mean noise?"]),
        ({"mismatch": 0.1}, ["hardware.mismatch", "true, false or a mapping"]),
        ({"mismatch": {"R": "60%"}}, ["hardware.mismatch.R.local", "0 to 0.5"]),
        ({"mismatch": {"C": {"locl": 0.1}}}, ["hardware.mismatch.C.locl", "{local: .., common: ..}"]),
        ({"mismatch": {"memristor": {"gm": 0.1}}}, ["hardware.mismatch.memristor", "did you mean Gm?"]),
        ({"programming": {"model": "wan-2022", "relative": 0.1}}, ["hardware.programming", "relative", "wan-2022"]),
        ({"programming": {"model": "cmo"}}, ["hardware.programming.model"]),
        ({"synapses": {"low": "90uS", "high": "8uS"}}, ["hardware", "low", "less than high"]),
        ({"quantisation": {"bits": 6.5}}, ["hardware.quantisation.bits", "6.5"]),
        ({"faults": {"low": 0.7, "high": 0.4}}, ["hardware", "high", "at most 0.3"]),
        ({"noise": True, "drift": {"model": "cmo"}}, ["hardware.drift"]),
        ({"converters": {"output": {"bits": 1}}}, ["hardware.converters.output.bits", "1"]),
        (["noise"], ["hardware", "a mapping with the keys synapses"]),
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


def test_weights_of_very_many_cells_are_refused_before_they_are_made(spec):
    spec["grid"] |= {"rows": 4000, "columns": 4000}
    spec["layers"] = [{"channels": 8, "template": {"A": [[[[1.0]] * 1] * 8] * 8, "B": 0, "z": 0}}]
    spec["run"]["save"] = 2
    with pytest.raises(cellnn.InputError, match="GiB"):
        cellnn.load({**spec, "hardware": {"mismatch": {"weights": "1%"}}})
