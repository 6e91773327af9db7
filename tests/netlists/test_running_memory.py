"""Memory stays flat, in the process that asks and in the worker that runs."""

import psutil
import pytest

from cellnn.netlists.running import run_deck

from .running_decks import ladder

MIB = 1 << 20


@pytest.mark.parametrize("engine", ["batch", "shared"])
def test_a_hundred_runs_of_a_thousand_nodes_take_no_more_memory(engine):
    text, names, me = ladder(1000), [f"n{k}" for k in range(1001)], psutil.Process()

    def resident() -> list[int]:
        children = [child for child in me.children() if "cellnn.netlists.running.worker" in child.cmdline()]
        return [process.memory_info().rss for process in (me, *children)]

    for k in range(100):
        assert run_deck(text, stop=1e-6, expect=names, engine=engine).stack(names).shape[0] == 1001
        if k == 9:
            warm = resident()
    assert len(resident()) == len(warm) and (engine == "batch" or len(warm) > 1)
    assert all(now - then < 20 * MIB for now, then in zip(resident(), warm, strict=True))
