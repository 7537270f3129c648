"""Order and shares: every entry once per epoch, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.incoming import index
from sagehen.incoming.index import Entry, IndexTooLarge, of_lines
from sagehen.incoming.order import Share, order


@given(
    count=st.integers(0, 50),
    seed=st.none() | st.integers(-(2**63), 2**63 - 1),
    epoch=st.integers(0, 3),
    of=st.integers(1, 5),
)
def test_every_entry_goes_to_one_instance(count: int, seed: int | None, epoch: int, of: int) -> None:
    shares = [list(order(count, seed, epoch, Share(place, of))) for place in range(of)]
    assert sorted(number for share in shares for number in share) == list(range(count))
    assert shares == [list(order(count, seed, epoch, Share(place, of))) for place in range(of)]


def test_the_order_follows_from_the_seed_and_the_epoch() -> None:
    assert list(order(6, 7, 0, Share())) == [1, 4, 3, 0, 2, 5]  # a restart of the platform must not change it
    assert list(order(6, 7, 1, Share())) != list(order(6, 7, 0, Share())) != list(order(6, 8, 0, Share()))
    assert list(order(3, None, 5, Share())) == [0, 1, 2]


def test_lines_are_found_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b'\n{"a": 1}\r\n\n   \n{"a": 2}\n{"a": 3}')
    lines = of_lines(tmp_path / "m")
    with lines.open() as file:
        assert [lines.line(file, number) for number in (2, 0, 1)] == [b'{"a": 3}', b'{"a": 1}', b'{"a": 2}']
        file.seek(0)
        lines.line(file, 0)
        assert file.tell() == len('\n{"a": 1}\r\n')  # however many empty lines come after it
    assert len(lines) == 3
    (tmp_path / "empty").touch()
    assert len(of_lines(tmp_path / "empty")) == 0


async def test_entries_are_found_by_their_number(tmp_path: Path) -> None:
    entries = [Entry("b", f"k/ü\n{n}", f"ü\n{n}") for n in range(3)]

    async def listed() -> object:
        for entry in entries:
            yield entry

    made = await index.write(tmp_path / "list", listed())  # type: ignore[arg-type]
    with made.open() as file:
        assert [made.entry(file, number) for number in range(len(made))] == entries


def test_what_is_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_ENTRIES", 2)
    monkeypatch.setattr(index, "MAX_LINE_BYTES", 10)
    (tmp_path / "m").write_bytes(b"1\n2\n3\n")
    with pytest.raises(IndexTooLarge, match="more than 2 lines"):
        of_lines(tmp_path / "m")
    (tmp_path / "m").write_bytes(b"x" * 100)
    with pytest.raises(IndexTooLarge, match="a line of more than 10 bytes"):
        of_lines(tmp_path / "m")
