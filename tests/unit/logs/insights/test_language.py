"""Queries that are refused, each with AWS's error and the place in its text."""

from __future__ import annotations

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.logs.errors import MalformedQueryException
from sagehen.services.logs.insights.commands.pipeline import Pipeline


@pytest.mark.parametrize(
    ("query", "message", "start", "end"),
    [
        ("", "unexpected symbol found <EOF> at line 1 and position 0", 0, 0),
        ("fields @timestamp, x | count()", "unexpected symbol found count at line 1 and position 23", 23, 28),
        ("fields a\n| filter b = = 1", "unexpected symbol found = at line 2 and position 13", 22, 23),
        ("fields a ~ b", "unexpected symbol found ~ at line 1 and position 9", 9, 10),
        ("stats avg(x) by", "unexpected symbol found <EOF> at line 1 and position 15", 15, 15),
        ("filter a like 5", "unexpected symbol found 5 at line 1 and position 14", 14, 15),
        ("filter a not 5", "unexpected symbol found 5 at line 1 and position 13", 13, 14),
        ("filter a in (1)", "unexpected symbol found ( at line 1 and position 12", 12, 13),
        ("dedup a | sort b", "unexpected symbol found sort at line 1 and position 10", 10, 14),
        ("limit 1.5", "unexpected symbol found 1.5 at line 1 and position 6", 6, 9),
        ("fields 'open", "unexpected symbol found ' at line 1 and position 7", 7, 8),
        ("fields \x00", "unexpected symbol found \x00 at line 1 and position 7", 7, 8),
        ("fields a as by", "unexpected symbol found by at line 1 and position 12", 12, 14),
        ('parse "*"', "unexpected symbol found <EOF> at line 1 and position 9", 9, 9),
        ("fields a as b | stats avg(b) as b", "Ephemeral field is already defined: b", 22, 33),
        ('parse "*" as x | fields x', "Ephemeral field is already defined: x", 24, 25),
        ('parse "*" as x | parse "*" as x', "Ephemeral field is already defined: x", 23, 31),
        ("stats count(*) as a, sum(b) as a", "Ephemeral field is already defined: a", 21, 32),
        ("stats a by b", "a is in no aggregation", 6, 7),
        ("stats count(a, b)", "count takes one argument", 6, 17),
        ("stats pct(a, 101)", "pct takes a field and a number from 0 to 100", 6, 17),
        ("fields nothing(a)", "unknown function nothing", 7, 17),
        ("fields abs(a, b)", "abs takes another number of arguments", 7, 16),
        ("fields bin(5)", "bin takes a period, such as 5m", 7, 13),
        ("fields bin(0m)", "the period is out of range", 11, 13),
        ("fields a * 1e999", "the number is out of range", 11, 16),
        ("limit 0", "limit must be between 1 and 100000", 6, 7),
        ("limit 1000000000000", "limit must be between 1 and 100000", 6, 19),
        ('parse "* *" as a', "the number of wildcards is not the number of fields", 6, 16),
        ("parse /a/", "the regular expression has no named groups", 6, 9),
        ("filter a like /open", "the regular expression is not closed", 14, 19),
        ("filter a like /(/", "invalid regular expression: missing ) at position 1", 14, 17),
        (f"filter a like /{'x' * 2049}/", "the regular expression is longer than 2048 characters", 14, 2065),
        ("filter " + "(" * 41 + "1", "the expression is nested too deeply", 0, 48),
        ("fields a" + "+1" * 201, "the query holds too many operations", 0, 410),
        ("fields a" + "|fields b" * 50, "the query has too many commands", 0, 458),
    ],
)
def test_malformed(query: str, message: str, start: int, end: int) -> None:
    with pytest.raises(MalformedQueryException) as error:
        Pipeline(query)
    assert error.value.members["queryCompileError"] == {
        "location": {"startCharOffset": start, "endCharOffset": end},
        "message": message,
    }
    assert error.value.message in (message, f"{message} ([{start},{end}])")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("pattern @message", "the command pattern"),
        ("fields a | diff", "the command diff"),
        ("SOURCE logGroups()", "the command source"),
        ("filterIndex a = 1", "the command filterindex"),
        ("unmask @message", "the command unmask"),
        ("fields jsonParse(@message) as j", "the function jsonparse"),
        ("stats values(a)", "the function values"),
        ("parse @message logfmt as lf", "parse logfmt"),
    ],
)
def test_what_is_not_here_is_refused_by_name(query: str, named: str) -> None:
    with pytest.raises(NotImplementedOperation) as error:
        Pipeline(query)
    assert f"{named} of Logs Insights is not implemented" in error.value.message


@pytest.mark.parametrize(
    "query",
    [
        "| FIELDS a, `b-c` AS d # a comment | with (signs\n| Filter a IN ['x'] AND NOT d LIKE /(?i)x\\/y/",
        "stats count() by bin( 1h ) | sort `count()` desc, @timestamp | head 5",
        "parse /(?<a>x)/ | display a | limit any 5",
        "fields a" + "+1" * 199,
        "fields " + "9" * 300,
    ],
)
def test_well_formed(query: str) -> None:
    assert Pipeline(query).results.rows == []
