import numpy as np
import pytest
from PIL import Image

from cellnn.devices.errors import InputError
from cellnn.plots import animate
from cellnn.plots.animation import frame_times


def test_a_frame_for_every_saved_time_of_every_layer(make, tmp_path):
    path = tmp_path / "settling.gif"
    animate(make(layers=2, saved=11), path, seconds=1)
    with Image.open(path) as gif:
        assert gif.n_frames == 22
        frames, durations = [], []
        for k in range(gif.n_frames):
            gif.seek(k)
            durations.append(gif.info["duration"])
            frames.append(np.asarray(gif.convert("RGB")).astype(int))
    assert durations[0] == 90 and durations[-1] > 1000
    assert np.abs(frames[10] - frames[0]).mean() > 5
    assert (frames[0][0, 0] == 255).all()
    assert [entry.name for entry in tmp_path.iterdir()] == ["settling.gif"]


def test_one_layer_and_the_frame_limit(make, tmp_path):
    animate(make(layers=2, saved=41, channels=2), tmp_path / "a.gif", layer="part1", seconds=0.4)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 11
    assert frame_times(101, 4) == list(range(101))
    assert frame_times(1, 4) == [0]


def test_a_digit_sized_animation_is_small(make, tmp_path):
    animate(make(rows=28, columns=28, saved=101), tmp_path / "a.gif")
    assert (tmp_path / "a.gif").stat().st_size < 2_000_000


@pytest.mark.parametrize("name", ["a.png", "a", "missing/a.gif"])
def test_bad_paths_are_refused_and_leave_nothing(make, tmp_path, name):
    with pytest.raises(InputError, match="expected a file"):
        animate(make(saved=3), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_bad_seconds_and_layer(make, tmp_path):
    for options in ({"seconds": 0}, {"seconds": float("nan")}, {"layer": "nope"}):
        with pytest.raises(InputError):
            animate(make(saved=3), tmp_path / "a.gif", **options)
