"""Filter patterns, by AWS's documented examples."""

from __future__ import annotations

import pytest

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.pattern import parse_filter_pattern

LINES = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
    "[WARN 100] slow REQUEST",
]


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("ERROR", [0, 1, 2, 3]),
        ("error", []),
        ("ERROR ARGUMENTS", [2, 3]),
        ("?ERROR ?WARN", [0, 1, 2, 3, 4]),
        ("?419 ?WARN", [2, 4]),
        ("ERROR -ARGUMENTS", [0, 1]),
        ('"BAD REQUEST"', [0]),
        ('ERROR -"BAD REQUEST"', [1, 2, 3]),
        ("?419 ARGUMENTS", [2, 3]),  # `?` is ignored beside other terms
        ("?419 -WARN", [0, 1, 2, 3]),  # ... of either kind
    ],
)
def test_terms(pattern: str, chosen: list[int]) -> None:
    matches = parse_filter_pattern(pattern)
    assert [index for index, line in enumerate(LINES) if matches(line)] == chosen


EVENT = (
    '{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "count": 2, "ok": true,'
    ' "gone": null, "arrayKey": ["value", "another"], "objectList": [{"name": "a", "id": 1}],'
    ' "coordinates": [[0, 1], [4, 5]]}'
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*Trail" }', True),
        ('{ $.eventType = "Trail" }', False),
        ('{ $.eventType != "UpdateTrail" }', False),
        ('{ $.missing != "x" }', False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[7] = "value" }', False),
        ("{ $.objectList[0].id = 1 }", True),
        ("{ $.count > 1 && $.count <= 2 }", True),
        ("{ $.count >= 3 || $.count < 2.5 }", True),
        ('{ ($.count = 7 || $.ok IS TRUE) && $.eventType = "U*" }', True),
        ("{ $.ok IS FALSE }", False),
        ("{ $.gone IS NULL }", True),
        ("{ $.missing NOT EXISTS }", True),
        ("{ $.count NOT EXISTS }", False),
        # Documented: a star in the midst is a star; a selector of a list or an object matches nothing.
        ('{ $.eventType = "Upd*Trail" }', False),
        ('{ $.eventType = "*dateT*" }', True),
        ("{ $.count = * }", True),
        ('{ $.arrayKey = "value" }', False),
        ('{ $.arrayKey != "other" }', False),
        ('{ $.objectList[0] != "other" }', False),
        ('{ $.ok != "other" }', False),
        ("{ $.coordinates[1][0] = 4 }", True),
        ("{ $.count >= +2 && $.count < 10e3 && $.count > 10e-3 }", True),
        ('{ ($.count = 7 && $.ok IS TRUE) || $.arrayKey[1] = "another" }', True),
        ('{ $.count = 2 || $.ok IS FALSE && $.arrayKey[1] = "none" }', True),
        ('{ ($.count = 2 || $.ok IS FALSE) && $.arrayKey[1] = "none" }', False),
        ('{ $.["eventType"] = "UpdateTrail" }', None),
        ('{ $["eventType"] = "UpdateTrail" }', True),
        # AWS's examples of wildcards, and of a name that holds a period.
        ("{ $.arrayKey[*] = %val.{2}% }", True),
        ("{ $.arrayKey[*] = %^nothing% }", False),
        ("{ $.* = %^Update% }", True),
        ("{ $.coordinates[1][*] >= 5 && $.coordinates[*][0] = 4 }", True),
        ("{ $.coordinates[*][9] NOT EXISTS }", True),
        ("{ $.* IS TRUE }", True),
        ("{ $.['dotted.it'] = 1 }", False),
        ("{ $.['eventType'] = UpdateTrail }", True),
        ("{ $.coordinates[*][*] = 4 }", None),
        ("{ $.a.* = 1 || $.b.* = 1 || $.c.* = 1 || $.d.* = 1 }", None),
    ],
)
def test_json(pattern: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(InvalidParameterException):
            parse_filter_pattern(pattern)
        return
    matches = parse_filter_pattern(pattern)
    assert matches(EVENT) is expected
    assert not matches("plain text with UpdateTrail")
    assert not matches('{"broken": ')


@pytest.mark.parametrize(
    ("pattern", "signs"),
    [("Status: timeout", ":"), ("?a,b ?c", ","), ("x [y", "["), ("a-b", "-"), ("100%", "%")],
)
def test_terms_that_need_quotes(pattern: str, signs: str) -> None:
    with pytest.raises(InvalidParameterException) as error:
        parse_filter_pattern(pattern)
    assert error.value.message == f"Invalid character(s) in term '{signs}'"  # recorded


@pytest.mark.parametrize("pattern", ["{", "{ $.a }", "{ $.a = }", '{ $.a > "x" }', '"open', "{" + "(" * 200])
def test_malformed(pattern: str) -> None:
    with pytest.raises(InvalidParameterException):
        parse_filter_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("%ERR.R%", "an ERROR", True),
        ("%ERR.R%", "an ERR", False),
        ("%AUTHORIZED|DENIED% -%user[0-9]+%", "DENIED user", True),
        ("%AUTHORIZED|DENIED% -%user[0-9]+%", "DENIED user7", False),
        ("?%a b% ?c", "xa by", True),
        ('"100%"', "at 100% of it", True),
        ("{ $.level = %^(?:E)% }", None, None),
        ("{ $.level = %^ERR% }", '{"level": "ERROR"}', True),
        ("{ $.level = %^RR% }", '{"level": "ERROR"}', False),
        ("{ $.code != %^2\\d{2}$% }", '{"code": 503}', True),
        ("{ $.code != %^2\\d{2}$% }", '{"code": 204}', False),
        ("{ $.code != %^2\\d{2}$% }", '{"other": 204}', False),
        ("[ip = %^1.*,?$%, user != %a|b%]", "127.0.0.1 cc", True),
        ("[ip = %^1.*,?$%, user != %a|b%]", "127.0.0.1 bb", False),
        ("[ip = %^1.*,?$%, user]", "27.0.0.1 cc", False),
        ("%a% %b% %c%", None, None),
        ("%(a+)+$%", None, None),
        ("%[a%", None, None),
        ("{ $.a > %1% }", None, None),
    ],
)
def test_regular_expressions(pattern: str, message: str | None, expected: bool | None) -> None:
    if message is None:
        with pytest.raises(InvalidParameterException):
            parse_filter_pattern(pattern)
    else:
        assert parse_filter_pattern(pattern)(message) is expected
