"""What the benchmarks' tables say: rates, ratios, limits - with clocks and machines whose numbers are known."""

from itertools import count

import pytest

from benchmarks import measure, pages, roofline

RESULT = {
    "question": "a question",
    "rows": [
        {"rival": "one", "cellnn_s": 0.002, "rival_s": 0.5, "ratio": 250.0, "ratio_min": 200.0, "ratio_max": 300.0},
        {"case": "a case", "rival": "two", "cellnn_rate": 4.0, "rival_rate": 2.0, "unit": "G cells/s", "ratio": 2.0},
    ],
    "notes": ["Both are right."],
    "date": "2000-01-01",
    "machine": "a machine",
    "python": "3.11",
    "versions": {"numpy": "2"},
}


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when told."""

    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(measure, "time", clock)
    monkeypatch.setattr(measure.gc, "collect", lambda: 0)  # a second each, after thousands of other tests
    return clock


def test_what_a_run_costs_before_its_first_step_cancels(clock):
    def run(steps):
        clock.now += 5.0 + 0.25 * steps

    assert measure.step_seconds(run, (10, 50)) == pytest.approx(0.25)


def test_the_ratio_of_rates_is_that_of_neighbours(clock):
    """The machine slows down from round to round; the ratio stays what it is."""
    calls = count()

    def run(seconds):
        return lambda steps: setattr(clock, "now", clock.now + 1.0 + seconds * (1 + next(calls) // 10) * steps)

    row = measure.alternate_steps(run(1e-3), run(4e-3), (10, 20), (10, 20), cells=10**6, rounds=1)
    assert row["ratio"] == pytest.approx(4.0)
    assert row["cellnn_rate"] == pytest.approx(1.0)  # 1e6 cells in 1 ms: 1e9/s
    assert row["rival_rate"] == pytest.approx(0.25)


def test_the_faster_side_has_the_ratio_above_one(clock):
    def taking(seconds):
        return lambda: setattr(clock, "now", clock.now + seconds)

    row = measure.alternate(taking(0.5), taking(2.0), rounds=3)
    assert (row["cellnn_s"], row["rival_s"], row["ratio"]) == pytest.approx((0.5, 2.0, 4.0))


def test_the_table_shows_seconds_and_rates():
    text = pages.table([RESULT])
    assert "| a question | one | 0.002 s | 0.5 s | 250 (200 to 300) |" in text
    assert "| a question: a case | two | 4 G cells/s | 2 G cells/s | 2 |" in text
    assert "2000-01-01, a machine, Python 3.11, numpy 2." in text


def test_questions_of_different_days_keep_their_dates():
    text = pages.table([RESULT, {**RESULT, "date": "2000-02-02", "versions": {"numpy": "3"}}])
    assert "2000-01-01, a machine, Python 3.11, numpy 2." in text
    assert "2000-02-02, a machine, Python 3.11, numpy 3." in text


def test_only_the_part_between_the_markers_is_rewritten(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"before\n{pages.START}\nstale \\1\n{pages.END}\nafter\n")
    pages.rewrite_readme(path, {"some_folder": RESULT})
    text = path.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "stale" not in text
    assert "| [a question](benchmarks/some_folder/README.md) | one, two | 2 to 250 (2 cases) |" in text


def test_a_page_holds_why_the_question_is_asked_and_its_notes():
    text = pages.page("cold_start", RESULT)
    assert text.startswith("# a question\n") and "whole processes" in text and "Both are right." in text


def test_limits_of_a_machine_with_round_numbers():
    machine = {
        "bytes_per_s_in_memory": 40.0,
        "double_operations_per_s": 100.0,
        "single_operations_per_s": 200.0,
        "exponentials_per_s": 10.0,
    }
    assert roofline.limits(roofline.Work(50, 20, double=False), machine) == {"arithmetic": 4.0, "memory": 2.0}
    # half a second of operations and half a second of exponentials, in the same units
    assert roofline.limits(roofline.Work(50, 20, 5), machine)["arithmetic"] == pytest.approx(1.0)
