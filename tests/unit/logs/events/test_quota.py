"""What one stream may write: 100 bytes at once and 10 a second in the long run."""

from __future__ import annotations

import pytest

from sagehen.services.logs.events.quota import StreamQuota

# (seconds, bytes) of lines, and which of them are taken: `y` or `n`.
LINES = [
    ([(0, 100), (0, 1)], "yn"),
    ([(0, 60), (0, 60), (2, 60), (2, 60), (100, 60), (100, 60)], "ynynyn"),
    ([(0, 101)], "n"),
    ([(0, 100), (1, 11), (1, 10), (1, 1)], "ynyn"),  # what is left out costs nothing
    ([(0, 50), (1000, 100), (1000, 1)], "yyn"),  # it saves up no more than the burst
    ([(second, 10) for second in range(30)], "y" * 30),
    ([(second, 20) for second in range(12)], "y" * 9 + "nyn"),
]


@pytest.mark.parametrize(("lines", "taken"), LINES)
def test_lines_over_time(lines: list[tuple[int, int]], taken: str) -> None:
    quota = StreamQuota[str](burst_bytes=100, bytes_per_s=10)
    assert "".join("ny"[quota.takes("a", size, float(now))] for now, size in lines) == taken
    assert quota.takes("b", 100, 0.0), "others have theirs"


def test_it_is_bounded_itself() -> None:
    quota = StreamQuota[int](burst_bytes=100, bytes_per_s=10)
    for stream in range(10_000):
        quota.takes(stream, 1, 200.0)
    assert len(quota._buckets) <= 4096
    quota.takes(-1, 100, 200.0)
    quota.forget()
    assert quota.takes(-1, 100, 200.0)
