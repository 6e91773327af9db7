"""What must hold for every memristor model there is, published parameter sets included."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from cellnn.devices.parameter import parameters_of
from cellnn.devices.registry import make_memristor, memristor_class, memristor_names

MODELS = memristor_names()
SETS = [(name, chosen) for name in MODELS for chosen in (None, *memristor_class(name).parameter_sets)]

# amplitude [V], frequency [Hz] and initial state at which a sine draws a loop
SINE = {
    "strachan-taox": (0.45, 3.0, 0.1),
    "mladenov-a9": (0.47, 3.0, 0.2),
    "vteam": (1.0, 5e7, 0.5),
    "threshold": (6.0, 5e8, 0.5),
    "yakopcic": (0.5, 100.0, 0.11),
    "linear-ion-drift": (1.0, 1.0, 0.1),
    "linear-ion-drift-joglekar": (1.0, 1.0, 0.1),
    "linear-ion-drift-biolek": (1.0, 1.0, 0.1),
}

# just beyond a threshold, An (exp(-v) - exp(Vn)) is the small difference of two numbers of this size times 1e16
CANCELLATION = {("yakopcic", "rate"): 1e-11}


def cloud(size: int, amplitude: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.uniform(-amplitude, amplitude, size), generator.uniform(0.01, 0.99, size)


def amplitude(name: str) -> float:
    return SINE.get(name, (1.0,))[0]


@pytest.mark.parametrize(("name", "chosen"), SETS)
def test_finite_far_outside_the_fitted_range(name, chosen):
    device = make_memristor(name, {"set": chosen} if chosen else {})
    v = np.concatenate([np.linspace(-10, 10, 201), [-1e-300, 1e-300, -1e-9, 1e-9]])[:, None]
    x = np.concatenate([np.linspace(0, 1, 101), [1e-300, 1e-12, 1 - 1e-16]])[None, :]
    assert np.isfinite(device.bounded_current(v, x)).all()
    assert np.isfinite(device.bounded_rate(v, x)).all()


@pytest.mark.parametrize("name", MODELS)
def test_compiled_code_is_finite_far_outside_the_fitted_range(name, compiled):
    functions = compiled(make_memristor(name))
    v, x = np.linspace(-10, 10, 81)[:, None], np.array([0, 1e-12, 0.04, 0.3, 0.5, 0.7, 1 - 1e-12, 1])[None, :]
    assert np.isfinite(functions.current(v, x)).all()
    assert np.isfinite(functions.rate(v, x)).all()
    for key, values in functions.derivatives(v, x).items():
        assert np.isfinite(values).all(), key


@pytest.mark.parametrize("name", MODELS)
def test_the_state_never_leaves_0_to_1(name, compiled):
    functions = compiled(make_memristor(name))
    v = np.linspace(-10, 10, 401)[:, None]
    assert (functions.rate(v, np.array([[-0.5, -1e-9, 0.0]])) >= 0).all()
    assert (functions.rate(v, np.array([[1.0, 1 + 1e-9, 1.5]])) <= 0).all()
    np.testing.assert_array_equal(functions.current(v, -0.5), functions.current(v, 0.0))


@pytest.mark.parametrize("name", MODELS)
def test_numpy_numba_and_torch_agree(name, compiled, tensors):
    device = make_memristor(name)
    v, x = cloud(4000, 1.5 * amplitude(name))
    one, two = compiled(device), tensors(device)
    for kind in ("current", "rate"):
        expected = getattr(device, f"bounded_{kind}")(v, x)
        by_numba = getattr(one, kind)(v, x)
        by_torch = getattr(two, kind)(torch.from_numpy(v), torch.from_numpy(x))
        assert by_torch.dtype == torch.float64
        atol = CANCELLATION.get((name, kind), 0)
        np.testing.assert_allclose(by_numba, expected, rtol=1e-12, atol=atol)
        np.testing.assert_allclose(by_torch.numpy(), by_numba, rtol=1e-12, atol=atol)


def assert_is_slope_of(function, exact, key, step=1e-6):
    """Against central differences, where there is no kink within two steps; `function` is of the shift."""
    fine = (function(step) - function(-step)) / (2 * step)
    coarse = (function(2 * step) - function(-2 * step)) / (4 * step)
    rounding = 1e-14 * np.abs(function(0.0)) / step
    smooth = np.abs(fine - coarse) <= 1e-5 * np.abs(fine) + rounding
    assert smooth.mean() > 0.9, key
    tolerance = 1e-4 * np.abs(fine) + rounding
    worst = np.argmax(np.where(smooth, np.abs(exact - fine) - tolerance, -np.inf))
    assert np.abs(exact - fine)[worst] <= tolerance[worst], (key, exact[worst], fine[worst])
    assert (np.abs(fine) >= 10 * rounding).any() or not exact.any(), f"{key}: nothing was compared"


@pytest.mark.parametrize("name", MODELS)
def test_exact_derivatives_are_the_finite_differences(name, compiled):
    device = make_memristor(name)
    functions = compiled(device)
    v, x = cloud(400, amplitude(name), seed=1)
    exact = functions.derivatives(v, x)
    for letter, function in (("i", functions.current), ("g", functions.rate)):
        assert_is_slope_of(lambda h, f=function: f(v + h, x), exact[f"d{letter}_dv"], f"d{letter}_dv")
        assert_is_slope_of(lambda h, f=function: f(v, x + h), exact[f"d{letter}_dx"], f"d{letter}_dx")


@pytest.mark.parametrize("name", MODELS)
def test_torch_gradients_are_the_finite_differences(name, tensors):
    device = make_memristor(name)
    functions = tensors(device)
    v, x = (torch.from_numpy(z) for z in cloud(200, amplitude(name), seed=2))
    values = {key: getattr(device, key) for key in parameters_of(device)}
    everything = {"v": v, "x": x, **{key: torch.full_like(v, value) for key, value in values.items()}}
    for kind in ("current", "rate"):
        function = getattr(functions, kind)
        for key, value in everything.items():
            probe = value.clone().requires_grad_()
            result = function(**{**everything, key: probe})
            result.sum().backward()
            unit = abs(values.get(key, 1.0)) or 1.0

            def shifted(h, key=key, value=value, unit=unit, function=function):
                return function(**{**everything, key: value + h * unit}).numpy()

            assert_is_slope_of(shifted, probe.grad.numpy() * unit, f"{kind} by {key}")


@pytest.mark.parametrize("name", MODELS)
def test_float32_stays_float32_and_one_gradient_per_shared_parameter(name, tensors):
    device = make_memristor(name)
    first = next(iter(parameters_of(device)))
    v, x = (torch.from_numpy(z).float() for z in cloud(50, amplitude(name), seed=3))
    shared = torch.tensor(getattr(device, first), requires_grad=True)
    current = tensors(device).current(v, x, **{first: shared})
    assert current.dtype == torch.float32
    current.sum().backward()
    assert shared.grad.shape == ()
    assert torch.isfinite(shared.grad)


@pytest.mark.parametrize(("name", "chosen"), SETS)
def test_passive_and_no_current_without_voltage(name, chosen):
    device = make_memristor(name, {"set": chosen} if chosen else {})
    v, x = cloud(2000, 2 * amplitude(name))
    assert (device.bounded_current(v, x) * v >= 0).all()
    np.testing.assert_array_equal(device.bounded_current(0.0, np.linspace(0, 1, 11)), 0)
    np.testing.assert_array_equal(device.bounded_rate(0.0, np.linspace(0, 1, 11)), 0)


@pytest.mark.parametrize("name", MODELS)
def test_a_larger_state_conducts_better(name):
    device = make_memristor(name)
    x = np.linspace(0, 1, 101)
    for v in (-amplitude(name), -0.05, 0.05, amplitude(name)):
        assert (np.diff(np.abs(device.bounded_current(v, x))) > 0).all()


@pytest.mark.parametrize("name", sorted(SINE))
def test_a_sine_draws_a_pinched_loop(name, compiled):
    height, frequency, x0 = SINE[name]
    functions = compiled(make_memristor(name))
    period = 1 / frequency

    def drive(t):
        return height * np.sin(2 * np.pi * t / period)

    t = np.linspace(0, period, 401)
    run = solve_ivp(
        lambda s, x: functions.rate(drive(s), x), (0, period), [x0], method="LSODA", t_eval=t, rtol=1e-8, atol=1e-10,
        max_step=period / 200,
    )  # fmt: skip
    assert run.success
    v, x = drive(t), run.y[0]
    i = functions.current(v, x)
    scale = height * np.abs(i).max()
    assert np.ptp(x) > 0.02  # it is a memory
    crossings = np.abs(v) < 1e-9 * height
    assert crossings.sum() == 3
    assert np.abs(i[crossings]).max() < 1e-9 * np.abs(i).max()  # pinched
    lobes = [abs(np.trapezoid(i[half], v[half])) for half in (slice(0, 201), slice(200, 401))]
    assert max(lobes) > 1e-3 * scale  # hysteresis
