"""Headers that HTTP cannot carry are made so that it can."""

from __future__ import annotations

import re
from email.header import decode_header

from hypothesis import given
from hypothesis import strategies as st

from sagehen.gateway.connections.header_lines import header_lines


def test_metadata_that_no_header_can_carry_is_encoded() -> None:
    ((name, value),) = header_lines([("x-amz-meta-a", "caf\u00e9 \x01")])
    assert (name, value) == (b"x-amz-meta-a", b"=?UTF-8?B?Y2Fmw6kgAQ==?=")
    content, charset = decode_header(value.decode())[0]
    assert content.decode(charset or "") == "caf\u00e9 \x01"


def test_what_is_carried_stays_as_it_is() -> None:
    named = [("ETag", '"a"'), ("x-amz-meta-b", "caf\u00e9\tx"), ("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")]
    assert header_lines(named) == [(name.encode(), value.encode("latin-1")) for name, value in named]


def test_names_that_are_none_are_counted() -> None:
    assert header_lines([("x-amz-meta-a b", "1"), ("x-amz-meta-\u00e9", "2"), ("a", "b")]) == [
        (b"a", b"b"),
        (b"x-amz-missing-meta", b"2"),
    ]


def test_other_values_lose_what_could_begin_another_header() -> None:
    assert header_lines([("Location", "/a\r\nSet-Cookie: b\u2026")]) == [(b"Location", b"/a  Set-Cookie: b?")]


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20))))
def test_whatever_is_given_can_be_sent(named: list[tuple[str, str]]) -> None:
    for name, value in header_lines(named):
        assert not re.search(rb"[\x00-\x20\x7f:]", name) and name
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value)
