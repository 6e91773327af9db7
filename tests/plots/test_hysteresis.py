import numpy as np
import pytest

from cellnn.devices.codegen.numba_functions import numba_functions
from cellnn.devices.errors import InputError
from cellnn.devices.strachan_taox import StrachanTaOx
from cellnn.plots import plot_hysteresis
from cellnn.plots.drive_search import open_drive
from cellnn.plots.sinusoid import drive, lobe_areas


@pytest.fixture(scope="module")
def functions():
    return numba_functions(StrachanTaOx())


def test_loop_is_pinched_at_the_origin_and_open_on_both_sides(functions):
    amplitude, frequency = open_drive(functions, 0.1, None, None)
    assert 0.3 < amplitude < 1.0
    driven = drive(functions, amplitude, frequency, 0.1, 2)
    assert np.all(driven.current[driven.voltage == 0] == 0)
    assert (driven.voltage == 0).sum() == 5
    assert np.all((driven.state >= 0) & (driven.state <= 1)) and np.ptp(driven.state) > 0.1
    cycle = driven.last_cycle
    positive, negative = lobe_areas(driven.voltage[cycle], driven.current[cycle])
    assert positive > 0.05 and negative > 0.05


def test_loop_closes_as_the_frequency_grows(functions):
    areas = []
    for frequency in (300.0, 3e6):
        driven = drive(functions, 0.5, frequency, 0.1, 2)
        areas.append(sum(lobe_areas(driven.voltage[driven.last_cycle], driven.current[driven.last_cycle])))
    assert areas[1] < 0.05 * areas[0]


def test_given_amplitude_or_frequency_is_kept(functions):
    assert open_drive(functions, 0.1, 0.7, None)[0] == 0.7
    assert open_drive(functions, 0.1, None, 1e4)[1] == 1e4


def test_lobe_areas_of_a_resistor_and_of_a_square():
    voltage = np.sin(np.linspace(0, 2 * np.pi, 401))
    assert lobe_areas(voltage, 3 * voltage) == pytest.approx((0, 0), abs=1e-12)
    assert lobe_areas(voltage, np.cos(np.linspace(0, 2 * np.pi, 401)))[0] == pytest.approx(np.pi / 8, rel=1e-3)


def test_figure_has_the_loop_and_three_curves_with_units():
    figure = plot_hysteresis(StrachanTaOx(), amplitude=0.5, frequency=300.0, cycles=3)
    loop, voltage, state, current = figure.axes
    assert (loop.get_xlabel(), loop.get_ylabel()) == ("voltage [mV]", "current [mA]")
    labels = (voltage.get_ylabel(), state.get_ylabel(), current.get_ylabel(), current.get_xlabel())
    assert labels == ("voltage [mV]", "state [1]", "current [mA]", "time [ms]")
    assert voltage.lines[0].get_xdata()[-1] == pytest.approx(10.0)
    assert np.max(voltage.lines[0].get_ydata()) == pytest.approx(500.0)
    assert [t.get_text() for t in loop.get_legend().get_texts()] == ["300 Hz", "900 Hz", "3 kHz"]
    assert "TaOx" in figure.texts[0].get_text()


@pytest.mark.parametrize(
    "options", [{"amplitude": -1}, {"frequency": float("nan")}, {"x0": 1.5}, {"cycles": 0}, {"cycles": 1.5}]
)
def test_values_out_of_range_are_refused(options):
    with pytest.raises(InputError, match=next(iter(options))):
        plot_hysteresis(StrachanTaOx(), **options)
