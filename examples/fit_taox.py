"""Make taox-sweep.csv: currents as a TaOx device might show them, two sweeps and three trains of SET pulses with noise.

python examples/fit_taox.py
cellnn devices fit strachan-taox examples/taox-sweep.csv -o taox.yaml --plot taox.png
"""

import io
from pathlib import Path

import numpy as np

from cellnn.devices.fitting.device_code import device_code
from cellnn.devices.parameter import parameters_of
from cellnn.devices.registry import make_memristor

DEVICE = {"Gm": 0.02, "a": 5e-6, "b": 4.0, "A": 1e-9, "s_off": 0.015, "x_on": 0.08, "B": 3e-4}
RELATIVE, FLOOR, SEED = 0.02, 1e-8, 0


def sweep(duration: float, up: float, down: float) -> tuple[np.ndarray, np.ndarray]:
    """Times [s] and voltages [V] of a triangle from 0 V up, down and back."""
    time = np.linspace(0, duration, 121)
    return time, np.interp(time, duration * np.array([0, 1, 3, 4]) / 4, [0, up, down, 0])


def pulses(volts: float, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Eight pulses, each four times as long as the one before, and a reading at 0.1 V after each of them."""
    time, voltage = [0.0], [0.0]
    for n in range(-4, 4):
        for wait, level in ((0, volts), (1 / 3, volts), (2 / 3, volts), (0, 0.1), (0.2, 0.1)):
            time.append(time[-1] + wait * width * 4.0**n)
            voltage.append(level)
    return np.array(time), np.array(voltage)


TRACES = {
    "fast sweep": (sweep(1e-4, 0.7, -0.85), 0.1),
    "slow sweep": (sweep(100.0, 0.5, -0.65), 0.1),
    "0.3 V pulses": (pulses(0.3, 30.0), 0.02),
    "0.4 V pulses": (pulses(0.4, 1.0), 0.02),
    "0.5 V pulses": (pulses(0.5, 1e-2), 0.02),
}
"""Each with the state it starts from."""


def measurements() -> str:
    """The file's text."""
    device = make_memristor("strachan-taox", DEVICE)
    code = device_code(device)
    p = np.array([getattr(device, name) for name in parameters_of(device)])
    rng = np.random.default_rng(SEED)
    text = io.StringIO()
    text.write("# made by fit_taox.py: strachan-taox, 2 % noise and 10 nA\ntrace,time [s],voltage [V],current [mA]\n")
    for name, ((time, voltage), x0) in TRACES.items():
        state, _ = code.states(time, voltage, x0, p, np.array([], int), False)
        current, _ = code.currents(voltage, state, p, False)
        current += np.hypot(RELATIVE * current, FLOOR) * rng.standard_normal(current.size)
        for row in zip(time, voltage, 1e3 * current, strict=True):
            text.write(f"{name},{row[0]:.6g},{row[1]:.4g},{row[2]:.4g}\n")
    return text.getvalue()


if __name__ == "__main__":
    target = Path(__file__).with_name("taox-sweep.csv")
    target.write_text(measurements())
    print(target)
