"""What expressions are worth, as results show it."""

from __future__ import annotations

import json

import pytest

from sagehen.services.logs.insights.evaluation.discovery import flat
from sagehen.services.logs.insights.evaluation.ordering import sort_key
from sagehen.services.logs.insights.evaluation.values import java_double
from tests.unit.logs.insights.running import OF_LAMBDA, run

DOCUMENT = json.dumps(
    {
        "n": 5, "f": 2.5, "text": "a5", "digits": "0042", "yes": True, "no": False, "nil": None,
        "a": {"b": [{"c": "deep"}, 7]}, "x.y": "dotted", "@at": "own", "ip": "10.1.2.3", "blank": " ",
        "dash-ed": 1, "empty": "", "big": 12345678901,
    }
)  # fmt: skip
NOTHING = None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("n + 1", "6"), ("n - 7", "-2"), ("n * f", "12.5"), ("n / 2", "2.5"), ("10 % 3", "1"), ("2 ^ 3", "8"),
        ("2 + 3 * 4", "14"), ("(2 + 3) * 4", "20"), ("-n", "-5"), ("2 ^ 3 ^ 2", "512"), ("-2 ^ 2", "-4"),
        ("1 / 3", "0.3333"), ("1 / 0", NOTHING), ("text + 1", NOTHING), ("nothing + 1", NOTHING),
        ("digits + 0", "42"), ("2 ^ 5000", NOTHING), ("(0-8) ^ 0.5", NOTHING), ("1e3", "1000"),
        ("abs(0 - f)", "2.5"), ("ceil(f)", "3"), ("floor(f)", "2"), ("sqrt(n * n)", "5"), ("log(1)", "0"),
        ("sqrt(0 - 1)", NOTHING), ("log(0)", NOTHING), ("greatest(1, n, f)", "5"), ("least(1, n, f)", "1"),
        # The functions' examples in AWS's documentation.
        ('ltrim("xyZfooxyZ", "xyZ")', "fooxyZ"), ('rtrim("xyZfooxyZ", "xyZ")', "xyZfoo"),
        ('trim("xyZfooxyZ", "xyZ")', "foo"), ('substr("xyZfooxyZ", 3, 3)', "foo"),
        ('replace("foo", "o", "0")', "f00"),
        ('trim("  a ")', "a"), ("strlen(text)", "2"), ("strlen(nothing)", NOTHING),
        ('toupper("aé")', "AÉ"), ('tolower("AÉ")', "aé"), ('concat(text, "-", n)', "a5-5"),
        ('strcontains(text, "5")', "1"), ('strcontains(text, "6")', "0"), ('strcontains(text, "A", 1)', "0"),
        ("ispresent(n)", "1"), ("isPresent(nothing)", "0"), ("ispresent(nil)", "0"), ("isempty(empty)", "1"),
        ("isempty(blank)", "0"), ("isblank(blank)", "1"), ("isblank(nothing)", "1"),
        ("coalesce(nothing, nil, f)", "2.5"), ("substr(text, 1)", "5"), ("substr(text, 9)", ""),
        ("isValidIp(ip)", "1"), ("isValidIpv6(ip)", "0"), ('isIpv4InSubnet(ip, "10.1.0.0/16")', "1"),
        ('isIpInSubnet(ip, "10.2.0.0/16")', "0"), ('isIpInSubnet(ip, "none")', "0"),
        ("a.b.0.c", "deep"), ("a.b.1", "7"), ("a.b", NOTHING), ("a.b.2", NOTHING), ("x.y", "dotted"),
        ("@@at", "own"), ("@at", NOTHING), ("`dash-ed`", "1"), ("yes", "1"), ("no", "0"), ("nil", NOTHING),
        ("big", "12345678901"), ("digits", "0042"), ("big * big", "1.5241578752659656E20"),
        ("@timestamp", "2026-01-01 00:00:00.000"), ("toMillis(@timestamp)", "1767225600000"),
        ("fromMillis(1767225600123)", "2026-01-01 00:00:00.123"),
        ("fromMillis(1e300)", "9999-12-31 23:59:59.999"),
        ("@logStream", "s"), ("@log", "111122223333:/app"), ("@entity.KeyAttributes.Name", NOTHING),
    ],
)  # fmt: skip
def test_values(expression: str, value: str | None) -> None:
    [row] = run(f"fields {expression} as value | display value", DOCUMENT)
    assert row.get("value") == value


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("n = 5", True), ('n = "5"', True), ("n = 5.0", True), ("text = 'a5'", True), ("text != 'a5'", False),
        ("digits = 42", True),
        ('digits = "42"', False), ("n > 4 and f < 3", True), ("n >= 6 or f <= 2.5", True),
        ("not n = 5", False), ("not n = 6 and n = 5", True), ("text > 'a4'", True), ("nothing = 1", False),
        ("nothing != 1", True), ("nothing < 1", False),
        ("yes = true", True), ("yes = 1", True), ("no", False),
        ('yes = "true"', True), ("no = false", True), ("yes", True), ("n in [1, 5]", True),
        ('text in ["a5", "b"]', True), ("n not in [1, 2]", True), ("n in []", False), ("text like 'a'", True),
        ("text like /^A\\d$/", False), ("text like /^(?i)A\\d$/", True), ("text =~ /a/", True),
        ("text =~ 'a'", True), ("text not like /a/", False), ("nothing like 'a'", False),
        ("nothing not like 'a'", True), ("n like /5/", True), ("ispresent(n) and strlen(text) = 2", True),
        ("12345678901234567891 = 12345678901234567890", False),
    ],
)  # fmt: skip
def test_conditions(condition: str, holds: bool) -> None:
    assert bool(run(f"filter {condition}", DOCUMENT)) is holds


@pytest.mark.parametrize(
    ("cut", "value"),
    [
        ("bin(5m)", "2026-02-17 13:45:00.000"), ("bin(30s)", "2026-02-17 13:47:00.000"),
        # Documented: 60 is the most of seconds.
        ("bin(300s)", "2026-02-17 13:47:00.000"), ("bin(1h)", "2026-02-17 13:00:00.000"),
        ("bin(1d)", "2026-02-17 00:00:00.000"), ("bin(1w)", "2026-02-16 00:00:00.000"),
        ("bin(1mo)", "2026-02-01 00:00:00.000"), ("bin(1q)", "2026-01-01 00:00:00.000"),
        ("bin(1y)", "2026-01-01 00:00:00.000"), ("bin(10ms)", "2026-02-17 13:47:12.340"),
        ("dateceil(fromMillis(at), 1h)", "2026-02-17 14:00:00.000"),
        ("dateceil(fromMillis(at), 1mo)", "2026-03-01 00:00:00.000"),
        ("datefloor(fromMillis(at), 1h)", "2026-02-17 13:00:00.000"),
    ],
)  # fmt: skip
def test_periods(cut: str, value: str) -> None:
    at = cut.replace("bin(", "datefloor(fromMillis(at), ")
    [row] = run(f"fields {at} as t | display t", '{"at": 1771336032345}')
    assert row["t"] == value


REPORT = (
    "REPORT RequestId: 0fc78b42-f6e0-400a-be91-71c5d1eadb9a\tDuration: 1394.60 ms\tBilled Duration: 1395 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 79 MB\tInit Duration: 428.60 ms\t\n"
    "XRAY TraceId: 1-5e1-a\tSegmentId: 5f0\tSampled: true\n"
)


def test_fields_of_functions_lines() -> None:
    names = "@type, @requestId, @duration, @billedDuration, @memorySize, @maxMemoryUsed, @initDuration"
    names += ", @xrayTraceId"
    request_id = "0fc78b42-f6e0-400a-be91-71c5d1eadb9a"
    [row] = run(f"fields {names}", REPORT, source=OF_LAMBDA)
    assert row == {  # as AWS showed them (recorded)
        "@type": "REPORT",
        "@requestId": request_id,
        "@duration": "1394.6",
        "@billedDuration": "1395.0",
        "@memorySize": "1.28E8",
        "@maxMemoryUsed": "7.9E7",
        "@initDuration": "428.6",
        "@xrayTraceId": "1-5e1-a",
    }
    lines = (
        f"START RequestId: {request_id} Version: 1",
        f"[INFO]\t2026-01-01T00:00:00.000Z\t{request_id}\thi",
        f'2026-01-01T00:00:00.000Z\t{request_id}\tINFO\tsee {{"a": 1}} and {{"b": 2}}',
        "another line",
    )
    rows = run("fields @type, @requestId, a, b", *lines, source=OF_LAMBDA)
    assert rows == [
        {},
        {"@requestId": request_id, "a": "1"},
        {"@requestId": request_id},
        {"@type": "START", "@requestId": request_id},
    ]
    assert run(f"fields {names}", REPORT) == [{}]  # no function's


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.0"), (1395.0, "1395.0"), (428.6, "428.6"), (1.28e8, "1.28E8"), (1e7, "1.0E7"),
        (9999999.5, "9999999.5"), (0.001, "0.001"), (0.00012, "1.2E-4"), (1234567890.0, "1.23456789E9"),
    ],
)  # fmt: skip
def test_numbers_as_java_writes_them(value: float, said: str) -> None:
    assert java_double(value) == said


def test_the_order_of_sort() -> None:
    # Documented with sort: no numbers, in chunks, before numbers.
    in_order = [None, "", "-1a", "a", "a2", "a10", "a010", "b", -1, "0", 2, "10", 1e9]
    assert sorted(reversed(in_order), key=sort_key) == in_order


def test_paths_of_an_object_have_a_bound() -> None:
    long = "x" * 600
    document = {"a": {"b": 1}, long: {"c": 2, long: {"d": 3}}, "@e": [4, None]}
    assert dict(flat(document)) == {"a.b": 1, f"{long}.c": 2, "@@e.0": 4}
