"""How many bytes may be under way."""

from __future__ import annotations

from sagehen.cluster.links.windows import FIRST_BYTES, MOST_BYTES, Shared, Window


def test_who_reads_at_once_gets_a_larger_window() -> None:
    shared = Shared()
    window = Window(shared)
    assert window.take(FIRST_BYTES)
    assert window.read(FIRST_BYTES // 4, waiting=True) == 0  # not worth a word yet
    assert window.read(FIRST_BYTES // 4, waiting=True) == FIRST_BYTES // 2 + FIRST_BYTES
    assert window.left == FIRST_BYTES // 2 + FIRST_BYTES
    assert not window.take(window.left + 1)


def test_who_lags_behind_keeps_the_first() -> None:
    window = Window(Shared())
    window.take(FIRST_BYTES)
    assert window.read(FIRST_BYTES, waiting=False) == FIRST_BYTES
    assert window.left == FIRST_BYTES


def test_windows_end_somewhere_and_give_back() -> None:
    shared = Shared(3 * MOST_BYTES // 2)
    first, second = Window(shared), Window(shared)
    for window in (first, second):
        for _ in range(20):
            window.take(window.left)
            window.read(2 * MOST_BYTES, waiting=True)
    assert shared.left == 0
    first.close()
    first.close()
    assert shared.left == MOST_BYTES - FIRST_BYTES
    second.close()
    assert shared.left == 3 * MOST_BYTES // 2
