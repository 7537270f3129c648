"""Foreign JSON and YAML: what is read, and that depth and expansion have an end."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.api.bounded.json_text import MAX_DEPTH, NotJson, read_json
from sagehen.api.bounded.yaml_text import NotYaml, read_yaml

# Each level is nine times the one before, by aliases and by merges: 507 bytes for 9^10 values.
_MERGE_BOMB = b"a: &a {x: 1, y: 2}\n" + b"".join(
    b"%c: &%c {<<: [%s]}\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 9)) for n in range(10)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"a: 1\n200: [x, ~, 1.5, yes]", {"a": 1, "200": ["x", None, 1.5, True]}),
        (b"version: 2020-01-01", {"version": "2020-01-01"}),
        (b"a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a", {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}),
        (b"n: 99999999999999999999999", {"n": 1e23}),
        (b"true: 1", {"true": 1}),
        (b"n: " + b"1:" * 40 + b"1", {"n": "1:" * 40 + "1"}),
    ],
)
def test_yaml_as_json_would_have_it(text: bytes, value: Any) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b"- " * 50_000,
        _MERGE_BOMB,
        b"a: &a [*a]",
        b"a: &a [x]\nb: &b [*a" + b", *a" * 800 + b"]\nc: [*b" + b", *b" * 800 + b"]",
        b"a: !!int ''",
        b"a: !!bool maybe",
        b"a: !!timestamp x",
        b"a: !!python/object:os.system x",
        b"a: .nan",
        b"a: !!binary eA==",
        b"? [a]\n: b",
        b"\xff\xfea",
        b"".join(b"%%TAG !a%d! x\n" % n for n in range(1000)) + b"--- !a1!b c",
    ],
    ids=range(15),
)
def test_yaml_that_is_refused(text: bytes) -> None:
    with pytest.raises(NotYaml):
        read_yaml(text)


def test_keys_of_a_yaml_mapping_are_texts_before_they_are_hashed() -> None:
    # As integers they all have the hash 0: 20,000 of them took 5 s, and the interpreter's lock.
    colliding = {str(n * ((1 << 61) - 1)): 1 for n in range(20_000)}
    assert read_yaml(orjson.dumps(colliding).replace(b'"', b"").replace(b":", b": ")) == colliding


def test_json_up_to_the_depth() -> None:
    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert read_json(b'{"a": [' + b"{}," * 1000 + b"{}]}")["a"][0] == {}
    for text in (
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"a":' * 500 + "1" + "}" * 500,
        "[" * 100_000,
    ):
        with pytest.raises(NotJson):
            read_json(text)


def test_what_stands_in_strings_separates_nothing() -> None:
    message = "[],{}" * 200_000
    assert read_json(json.dumps({"message": message})) == {"message": message}
    for wide in (b"[],", b'"a",', b'"\\"",'):
        with pytest.raises(NotJson, match="too many values"):
            read_json(b"[" + wide * 401_000 + b"0]")
    # Strings without an end, tried from each of their quotes, took the square of their number.
    with pytest.raises(NotJson):
        read_json(b"," * 401_000 + b'"\\' * 100_000)


@pytest.mark.parametrize("text", ["NaN", '"\\ud800"', "{", "", "[1,]", b"\xff"])
def test_what_is_no_json(text: str | bytes) -> None:
    with pytest.raises(NotJson):
        read_json(text)


@settings(max_examples=300, deadline=None)
@given(st.text("ab:[]{}-?&*!<\"'|>#%@ \n\t0.1~", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = read_yaml(text.encode())
    except NotYaml:
        return
    assert orjson.loads(orjson.dumps(value)) == value  # what was read can be written again
