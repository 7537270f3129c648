"""Space-delimited patterns and the values of fields, by AWS's documented examples."""

from __future__ import annotations

import pytest

from sagehen.api.user_patterns import PatternTooSlow, UserPattern
from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.extraction import parse_extractor
from sagehen.services.logs.patterns.number import number_of
from sagehen.services.logs.patterns.pattern import parse_filter_pattern
from sagehen.services.logs.patterns.space_delimited import parse_delimited_pattern

LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, server, username, timestamp, request, status_code, bytes]", True),
        ("[ip, server, username, timestamp, request, status_code, bytes > 1000]", True),
        ("[ip, server, username, timestamp, request, status_code, bytes > 2000]", False),
        ("[ip, server, username, timestamp, request, status_code = 4*, bytes]", True),
        ("[ip, server, username, timestamp, request, status_code = 404, bytes]", True),
        ("[..., status_code = 5* || status_code = 4*, bytes]", True),
        ("[..., status_code != 404, bytes]", False),
        ("[ip, ..., bytes >= 1534]", True),
        ("[ip = 127.*, ...]", True),
        ("[ip, ..., request = *html*, status_code = 4*,]", True),
        ('[ip, server, username = "frank", ...]', True),
        ('[ip, server, username != "frank" && username != "ann", ...]', False),
        ("[ip, server]", False),  # another number of fields
        ("[,,,,,,]", True),
        # AWS's examples of conditions of several fields in one place.
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]", True),
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 2000]", False),
        ("[ip, user, username, timestamp, request, status_code = 5* || bytes > 1000]", True),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000, more]", False),
        ("[..., status_code = 4* && bytes > 1000]", True),
        ("[..., code = 404 && bytes = 1534 && code != 403]", True),
        ("[w1=ERROR, w2]", False),
        ("[w1 = 127.0.0.1, ...]", True),
        ("[w1 != 127.0.0.1, ...]", False),
        ("[..., a < 405, b <= 1534]", True),
        ("[..., request = %GET.*html%, a, b]", True),
        ('[..., request = "GET /index.html HTTP/1.0", status, bytes]', True),
    ],
)
def test_delimited(pattern: str, expected: bool) -> None:
    assert (parse_delimited_pattern(pattern)(LINE) is not None) is expected


@pytest.mark.parametrize(
    "pattern",
    ["[", "[]", "[a, ..., b, ...]", "[a b]", "[a = ]", "[a > x]", "[a = 1 && b]", '[a = "x]', "[a ==1]"],
)
def test_ill_formed(pattern: str) -> None:
    with pytest.raises(InvalidParameterException):
        parse_extractor(pattern)


def test_regular_expressions() -> None:
    extract = parse_extractor("[ip = %^127[.]%, user, ...]")
    found = extract("127.0.0.1 me and more")
    assert found is not None and found.value("$user") == "me"
    assert extract("10.0.0.1 me and more") is None


def test_an_expression_that_takes_too_long_lets_its_message_pass_by(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def give_up(*_: object) -> None:
        raise PatternTooSlow

    monkeypatch.setattr(UserPattern, "search", give_up)
    assert parse_extractor("%slow%")("a") is None
    assert "given up" in caplog.text
    with pytest.raises(InvalidParameterException, match="too long"):
        parse_filter_pattern("%slow%")("a")


def test_fields_by_name_and_by_number() -> None:
    found = parse_extractor("[ip, , user, ..., bytes]")(LINE)
    assert found is not None
    assert found.values == {
        "$ip": "127.0.0.1",
        "$2": "Prod",
        "$user": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$5": "GET /index.html HTTP/1.0",
        "$6": "404",
        "$bytes": "1534",
    }


def test_unclosed_signs_are_looked_for_once() -> None:
    # Quadratic, this would take minutes.
    assert parse_delimited_pattern("[a]")("[ " * 100_000) is None
    found = parse_delimited_pattern("[a, b, c]")('say "x [y')
    assert found == {"$a": "say", "$b": '"x', "$c": "[y"}


def test_json_fields_also_of_those_that_the_pattern_does_not_name() -> None:
    extract = parse_extractor('{ $.level = "ERROR" && $.took.ms = * }')
    assert extract('{"level": "INFO", "took": {"ms": 3}}') is None
    found = extract('{"level": "ERROR", "took": {"ms": 3.5}, "user": {"id": [7]}}')
    assert found is not None
    assert found.values == {"$.level": "ERROR", "$.took.ms": "3.5"}
    assert (found.value("$.user.id[0]"), found.value("$.none")) == ("7", None)
    terms = parse_extractor("ERROR")("an ERROR")
    assert terms is not None and terms.values == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12.0), ("-.5e3", -500.0), ("1.", 1.0), ("1_000", None), ("nan", None), ("infinity", None),
     ("1e999", None), ("\u0661", None), (" 1", None), ("", None), ("1" * 5000, None)],
)  # fmt: skip
def test_numbers(text: str, number: float | None) -> None:
    assert number_of(text) == number
