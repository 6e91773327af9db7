"""The `hardware` section: effects on, off, and refused."""

import pytest

import cellnn
from cellnn.circuits.cells import ChuaYang
from cellnn.circuits.noise import ThermalNoise
from cellnn.circuits.spec.hardware import HardwareSpec
from cellnn.devices.op_amp import OpAmp


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
        ({"op_amp": {"GBW": "1MHz"}}, ["hardware.op_amp: got", "use cell.circuit: op-amp"]),
        ({"op_amp": {"gbw": "1MHz"}}, ["hardware.op_amp.gbw", "did you mean GBW?"]),
        ({"op_amp": {"trim": 2}}, ["hardware.op_amp.trim", "0 to 1"]),
        ({"op_amp": {"rails": "12V"}}, ["hardware.op_amp.rails", "[-12V, 12V]"]),
        ({"time_scale": 100}, ["hardware.time_scale", "make cell.C and run.stop larger"]),
        ({"lines": {"resistance": "2V"}}, ["hardware.lines.resistance", "2V", "Ohm"]),
        ({"lines": {"resistance": -1}}, ["hardware.lines.resistance", "0 to 1e+09 Ohm"]),
        ({"temperature": {}}, ["hardware.temperature.value", "this key"]),
        ({"temperature": {"value": 0}}, ["hardware.temperature.value", "1 to 1000 K"]),
        ({"temperature": {"value": "350K", "R": "50uV/K"}}, ["hardware.temperature.R", "5e-5/K"]),
        (["noise"], ["hardware", "a mapping with the keys synapses"]),
    ],
)
def test_refused(spec, written, said):
    with pytest.raises(cellnn.InputError) as caught:
        cellnn.load({**spec, "hardware": written})
    for word in said:
        assert word in str(caught.value)


def test_noise_is_of_the_chips_temperature(spec):
    spec["run"]["method"] = "heun"
    warm = {"temperature": {"value": "350K"}, "noise": True}
    assert cellnn.load({**spec, "hardware": warm}).noise == ThermalNoise(350.0)
    assert cellnn.load({**spec, "hardware": {**warm, "noise": {"temperature": "77K"}}}).noise == ThermalNoise(77.0)
    assert cellnn.load({**spec, "hardware": {"temperature": {"value": "350K"}}}).noise is None


@pytest.mark.parametrize("written", ["-0.05%/K", "-5e-4/K", "-5e-4 / K", -5e-4])
def test_coefficients_of_temperature(spec, written):
    hardware = {"temperature": {"value": "350K", "synapses": written}}
    assert cellnn.load({**spec, "hardware": hardware}).hardware.temperature.synapses == pytest.approx(-5e-4, rel=1e-12)


def test_amplifiers_of_a_deployment():
    written = {"op_amp": {"offset_drift": "10uV/K", "rails": ["-3V", "4V"], "trim": "0.1%"}, "time_scale": 1000}
    hardware = HardwareSpec.model_validate(written).hardware(ChuaYang())
    found, expected = hardware.op_amps, OpAmp(low_rail=-3.0, high_rail=4.0)
    assert (found.op_amp, found.offset_spread, found.offset_drift, found.trim) == (expected, 3e-3, 1e-5, 1e-3)
    assert hardware.time_scale == 1000.0
    with pytest.raises(cellnn.InputError, match=r"op_amp\.output_resistance.*use circuit: op-amp"):
        HardwareSpec.model_validate({"op_amp": {"output_resistance": "50Ohm"}}).hardware(ChuaYang())


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
