"""What is written on a link is read again, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.cluster.links.frames import (
    HEADER,
    MOST_TOLD_BYTES,
    PIECE_BYTES,
    BadFrame,
    Frame,
    Kind,
    Reader,
    frame,
    opened_kind,
    opening,
)

KINDS = st.sampled_from([Kind.OPEN, Kind.OPENED, Kind.CREDIT, Kind.FINISH, Kind.RESET, Kind.PING, Kind.PONG])


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.tuples(KINDS, st.integers(0, 2**63), st.binary(max_size=30)),
            st.tuples(st.just(Kind.DATA), st.integers(1, 2**63), st.binary(min_size=1, max_size=300)),
        ),
        max_size=8,
    ),
    st.lists(st.integers(1, 50)),
)
def test_every_cut_is_read_alike(written: list[tuple[Kind, int, bytes]], cuts: list[int]) -> None:
    data = b"".join(frame(*each) for each in written)
    reader, found, at = Reader(), [], 0
    for cut in [*cuts, len(data) + 1]:
        found += list(reader.feed(data[at : at + cut]))
        at += cut
    joined: list[Frame] = []
    for each in found:  # data comes in pieces, as it has come
        last = joined[-1] if joined else None
        unfinished = last is not None and last.kind is each.kind is Kind.DATA and last.stream == each.stream
        if unfinished and last is not None and len(last.content) < len(written[len(joined) - 1][2]):
            joined[-1] = Frame(Kind.DATA, each.stream, last.content + each.content)
        else:
            joined.append(each)
    assert joined == [Frame(*each) for each in written]


@pytest.mark.parametrize(
    "data",
    [
        HEADER.pack(0, 1, 0),
        HEADER.pack(99, 1, 0),
        HEADER.pack(Kind.DATA, 1, 0),
        HEADER.pack(Kind.DATA, 1, PIECE_BYTES + 1),
        HEADER.pack(Kind.OPEN, 1, MOST_TOLD_BYTES + 1),
        HEADER.pack(Kind.RESET, 1, 2**32 - 1),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_frame_is_found_at_once(data: bytes) -> None:
    with pytest.raises(BadFrame):
        list(Reader().feed(data))


def test_a_stream_is_opened_with_a_kind_and_arguments() -> None:
    (found,) = Reader().feed(opening(3, "tree.put", b'{"a":1}'))
    assert (found.stream, opened_kind(found.content)) == (3, ("tree.put", b'{"a":1}'))
    for content in (b"", b"\0", b"\5abc", b"\2\xff\xff"):
        with pytest.raises(BadFrame):
            opened_kind(content)
    for kind, arguments in (("", b"{}"), ("k" * 64, b"{}"), ("k", bytes(64 * 1024 + 1))):
        with pytest.raises(ValueError, match="63 letters"):
            opening(1, kind, arguments)
