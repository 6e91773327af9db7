"""Memristors by name, their parameter sets, and what a user may register."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, fields
from typing import Any

import pytest

from cellnn.devices import InputError, Memristor, parameter, registry
from cellnn.devices.parameter import parameters_of
from cellnn.devices.registry import make_memristor, memristor_class, memristor_names, register


def test_every_model_says_what_it_is():
    assert memristor_names() == sorted(memristor_names())
    assert {"strachan-taox", "vteam", "threshold", "yakopcic", "linear-ion-drift"} <= set(memristor_names())
    for name in memristor_names():
        cls = memristor_class(name)
        assert cls.name == name
        assert cls.__doc__ and cls.title and cls.paper
        assert cls.voltage_range[0] < cls.voltage_range[1]
        device = make_memristor(name)
        assert device == cls()
        for key, info in parameters_of(device).items():
            assert info.unit and info.meaning, (name, key)
            assert info.low <= getattr(device, key) <= info.high
            assert isinstance(getattr(device, key), float)
        assert len(parameters_of(device)) == len(fields(device))
        for chosen in cls.parameter_sets:
            assert make_memristor(name, chosen) == make_memristor(name, {"set": chosen}) != device


def test_values_override_the_set():
    device = make_memristor("strachan-taox", {"set": "ltspice-k8", "b": 2})
    assert (device.a, device.b, device.Gm) == (2.3e-6, 2.0, 0.025)


@pytest.mark.parametrize(
    ("name", "parameters", "place", "hint"),
    [
        ("strachan", {}, "model", "did you mean strachan-taox?"),
        ("", {}, "model", "known:"),
        (None, {}, "model", "known:"),
        (["vteam"], {}, "model", "did you mean vteam?"),
        ("strachan-taox", {"gm": 1}, "parameters.gm", "did you mean Gm?"),
        ("strachan-taox", {"set": "k8"}, "parameters.set", "ltspice-k8"),
        ("strachan-taox", "ltspice-k", "parameters.set", "ltspice-k"),
        ("mladenov-a9", "x", "parameters.set", "no published sets"),
        ("strachan-taox", {"set": 8}, "parameters.set", "ltspice-k8"),
        ("strachan-taox", {"Gm": -1}, "parameters.Gm", "conductance of the ON channel"),
        ("strachan-taox", {"Gm": float("nan")}, "parameters.Gm", "from 1e-09 to 10 S"),
        ("strachan-taox", {"Gm": "0.025"}, "parameters.Gm", "from 1e-09 to 10 S"),
        ("strachan-taox", {"Gm": True}, "parameters.Gm", "from 1e-09 to 10 S"),
        ("strachan-taox", [1, 2], "parameters", "values by name"),
        ("linear-ion-drift", {"R_on": 2e4}, "parameters.R_on", "less than R_off = 16000"),
        ("vteam", {"v_on": 0.2}, "parameters.v_on", "negative threshold"),
    ],
)
def test_mistakes_name_the_place_and_the_fix(name, parameters, place, hint):
    with pytest.raises(InputError) as caught:
        make_memristor(name, parameters)
    assert caught.value.place == place
    assert hint in str(caught.value)


@dataclass(frozen=True)
class Ohmic(Memristor):
    """A resistor that remembers nothing."""

    name = "test-ohmic"
    title = "a resistor"
    paper = "none"

    G: float = parameter(1e-3, "S", "conductance", low=0, high=1)

    def current(self, v: Any, x: Any) -> Any:
        return self.G * v

    def rate(self, v: Any, x: Any) -> Any:
        return 0 * v


@pytest.fixture
def clean_registry(monkeypatch):
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))


def test_a_class_of_ten_lines(clean_registry, compiled):
    assert register(Ohmic) is Ohmic
    device = make_memristor("test-ohmic", {"G": 0.5})
    assert float(compiled(device).current(0.2, 0.3)) == pytest.approx(0.1)
    assert float(compiled(device).rate(0.2, 0.3)) == 0
    with pytest.raises(InputError, match="not taken"):
        register(Ohmic)


def variant(**attributes):
    return dataclass(frozen=True)(type("Variant", (Ohmic,), {"__annotations__": {}, **attributes}))


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (variant(name="Test"), "small letters"),
        (variant(name="custom"), "not `custom`"),
        (variant(name="a b"), "small letters"),
        (variant(name="-a"), "small letters"),
        (variant(name=""), "small letters"),
        (variant(name=3), "class attribute name"),
        (variant(name="vteam"), "not taken"),
        (variant(name="test-set", parameter_sets={"one": {"H": 1.0}}), "did you mean|known"),
        (type("NoDataclass", (Ohmic,), {"name": "test-none"}), "frozen dataclass"),
        (dataclass(frozen=True)(type("Half", (Memristor,), {"name": "half"})), "current, rate"),
        (int, "derived from Memristor"),
        (Ohmic(), "derived from Memristor"),
        ("vteam", "derived from Memristor"),
    ],
)
def test_what_cannot_be_registered(cls, expected, clean_registry):
    before = memristor_names()
    with pytest.raises(InputError, match=expected):
        register(cls)
    assert memristor_names() == before


def test_the_registry_is_cheap_to_import():
    code = (
        "import sys; from cellnn.devices.registry import make_memristor; make_memristor('vteam'); "
        "from cellnn.devices.text_equations import text_memristor; text_memristor('v*x', '0', {}); "
        "print({'sympy', 'numba', 'torch'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
