import numpy as np
import pytest

from cellnn.devices.errors import InputError
from cellnn.plots import plot_maps, plot_result, plot_trajectories
from cellnn.plots.result import layers_of
from cellnn.plots.telling import telling_cells, telling_times


def images(figure):
    return [image for axes in figure.axes for image in axes.images]


def labels(figure):
    return [text for axes in figure.axes for text in (axes.get_xlabel(), axes.get_ylabel()) if text]


def texts(figure):
    return [text.get_text() for text in figure.texts]


def assert_inside_and_apart(figure):
    """No text leaves the figure, no two axes overlap."""
    renderer = figure.canvas.get_renderer()
    sheet = figure.bbox
    boxes = [axes.get_window_extent(renderer) for axes in figure.axes]
    for text in [box for axes in figure.axes for box in [axes.get_tightbbox(renderer)]] + [
        text.get_window_extent(renderer) for text in figure.texts
    ]:
        assert text.x0 >= sheet.x0 - 1 and text.x1 <= sheet.x1 + 1
        assert text.y0 >= sheet.y0 - 1 and text.y1 <= sheet.y1 + 1
    for k, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[k + 1 :])


def test_maps_show_input_and_three_quantities_at_four_times(make):
    result = make()
    figure = plot_maps(result)
    assert len(images(figure)) == 1 + 3 * 4
    first = result["part0"].dataset
    np.testing.assert_allclose(images(figure)[0].get_array(), first["input"][0])
    np.testing.assert_allclose(images(figure)[4].get_array(), first["state"][-1, 0])
    np.testing.assert_allclose(images(figure)[12].get_array(), first["memristor"][-1, 0])
    for image in images(figure)[:9]:
        assert image.norm.vmin == -image.norm.vmax
        assert image.cmap.name == "cellnn-signed"
    assert {"state [V]", "output [V]", "memristor [1]", "input [V]", "column", "state\nrow"} <= set(labels(figure))
    titles = [axes.get_title() for axes in figure.axes if axes.get_title().startswith("t =")]
    assert (titles[0], titles[-1], len(titles)) == ("t = 0 µs", "t = 10 µs", 4)


def test_maps_at_chosen_times_and_small_voltages(make):
    figure = plot_maps(make(unit=0.01, stop=2e-9, memristor=False), times=[1e-9, 2e-9])
    assert len(images(figure)) == 1 + 2 * 2
    assert [a.get_title() for a in figure.axes if a.get_title().startswith("t =")] == ["t = 1 ns", "t = 2 ns"]
    assert "output [mV]" in labels(figure)
    assert images(figure)[-1].norm.vmax == pytest.approx(10.0)
    with pytest.raises(InputError, match="times"):
        plot_maps(make(), times=[])


def test_many_channels_say_how_many_are_left_out(make):
    figure = plot_maps(make(channels=64, memristor=False))
    assert "part0: channels 0 to 3 of 64 (60 not shown)" in texts(figure)
    assert len(images(figure)) == 1 + 2 * 4 * 4
    assert "output, ch 3\nrow" in labels(figure)


@pytest.mark.parametrize(
    "kind",
    [
        {"rows": 28, "columns": 28},
        {"layers": 2, "memristor": False},
        {"channels": 3, "rows": 64, "columns": 64},
        {"channels": 16, "rows": 4, "columns": 40, "unit": 0.1},
        {"rows": 1, "columns": 1, "saved": 1},
        {"rows": 40, "columns": 2, "saved": 2},
    ],
)
def test_overview_is_legible_for_every_kind_of_array(make, kind):
    result = make(**kind)
    figure = plot_result(result)
    figure.canvas.draw()
    assert_inside_and_apart(figure)
    layers = kind.get("layers", 1)
    quantities = 3 if kind.get("memristor", True) else 2
    times, channels = min(4, kind.get("saved", 21)), min(3, kind.get("channels", 1))
    assert len(images(figure)) == layers * (1 + quantities * times * channels)
    assert "a made-up result" in texts(figure)
    assert sum(label.startswith("time [") for label in labels(figure)) == layers * (quantities - 1)


def test_trajectories_are_the_cells_own(make):
    result = make(channels=2)
    figure = plot_trajectories(result, cells=[(0, 1, 2), (1, 8, 6)])
    states, memristors = figure.axes
    first = result["part0"].dataset
    np.testing.assert_allclose(states.lines[1].get_ydata(), first["state"][:, 1, 8, 6])
    np.testing.assert_allclose(states.lines[1].get_xdata(), first["time"] * 1e6)
    np.testing.assert_allclose(memristors.lines[0].get_ydata(), first["memristor"][:, 0, 1, 2])
    assert (states.get_xlabel(), states.get_ylabel()) == ("time [µs]", "state [V]")
    assert [t.get_text() for t in memristors.get_legend().get_texts()][:2] == ["(0, 1, 2)", "(1, 8, 6)"]
    figure.canvas.draw()
    legend = memristors.get_legend().get_window_extent()
    assert legend.x0 >= memristors.get_window_extent().x1 - 1


@pytest.mark.parametrize("cell", [(0, 9, 0), (1, 0, 0), (0, 0), (0, 0, -1)])
def test_a_cell_outside_the_array_is_refused(make, cell):
    with pytest.raises(InputError, match="cells"):
        plot_trajectories(make(), cells=[cell])


def test_telling_cells_are_the_ones_that_change_most(make):
    (layer,) = layers_of(make(rows=12, columns=12))
    cells = telling_cells(layer)
    change, switched = np.ptp(layer.state, axis=0), np.ptp(layer.memristor, axis=0)
    assert cells[0] == np.unravel_index(change.argmax(), change.shape)
    assert max(switched[cell] for cell in cells) == switched.max()
    assert len(set(cells)) == len(cells) == 6
    assert len({bool(layer.state[-1][cell] > 0) for cell in cells}) == 2


def test_telling_times_cut_the_change_into_equal_parts(make):
    (layer,) = layers_of(make(saved=101, memristor=False))
    times = telling_times(layer)
    assert (times[0], times[-1]) == (0, 100)
    progress = layer.state[:, 0, 0, 0] / layer.state[-1, 0, 0, 0]
    np.testing.assert_allclose(progress[times], [0, 1 / 3, 2 / 3, 1], atol=0.06)
    (still,) = layers_of(make(saved=5))
    still.state[:], still.memristor[:] = 0, 0.1
    assert telling_times(still) in ([0, 1, 2, 4], [0, 1, 3, 4])


def test_a_tree_that_is_no_result_is_refused(make):
    result = make()
    with pytest.raises(InputError, match="did you mean part0"):
        layers_of(result, "prt0")
    del result["part0"]["output"]
    with pytest.raises(InputError, match="part0.output"):
        plot_result(result)
