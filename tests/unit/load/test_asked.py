"""Targets, criteria, headers: what is understood, what is refused."""

from __future__ import annotations

import pytest

from sagehen.cli.load.ordered import header
from sagehen.load.criterion import CriterionError, parse_criterion, require_known
from sagehen.load.measured.tally import Tally
from sagehen.load.target import Endpoint, Function, TargetError, Url, parse_target

INVOKE = "/2015-03-31/functions/f/invocations"


@pytest.mark.parametrize(
    ("text", "target", "path"),
    [
        ("endpoint/e", Endpoint("e"), "/endpoints/e/invocations"),
        ("endpoint/e-1/variant/v", Endpoint("e-1", "v"), "/endpoints/e-1/invocations"),
        ("function:f_1", Function("f_1"), "/2015-03-31/functions/f_1/invocations"),
        ("function:f:live", Function("f", "live"), f"{INVOKE}?Qualifier=live"),
        (
            "function:f:$LATEST",
            Function("f", "$LATEST"),
            f"{INVOKE}?Qualifier=%24LATEST",
        ),
    ],
)
def test_targets(text: str, target: Endpoint | Function, path: str) -> None:
    found = parse_target(text)
    assert found == target
    assert isinstance(found, Endpoint | Function) and found.path == path
    assert str(found) == text


def test_urls() -> None:
    url = "https://a.execute-api.us-east-1.amazonaws.com/prod/x?y=%20"
    assert parse_target(url) == Url(url)


@pytest.mark.parametrize(
    "text",
    [
        "", "e", "endpoint/", "endpoint/e/", "endpoint/../x", "endpoint/e/variant/", "function:", "--help",
        "function:f/../g", "arn:aws:lambda:us-east-1:123456789012:function:f", "ftp://x/", "http:///x",
        "http://h/a b", "http://h/\r\nX: y", "http://h/ü", "http://h:99999/", "http://u:p@h/", "http://[::1/",
        "http://h/" + "x" * 9000, "function:f:", "endpoint/e\n",
    ],
)  # fmt: skip
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(TargetError):
        parse_target(text)


def _tally() -> Tally:
    tally = Tally(due=100, sent=99, not_sent=1, succeeded=95, cold=2)
    tally.fail("429", throttled=True)
    tally.fail("500", count=3)
    for milliseconds in range(1, 96):
        tally.latency.record(milliseconds * 1000)
    return tally


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("p99>90ms", True), ("p50 > 50ms", False), ("p99.9>1s", False), ("max>94ms", True),
        ("p100>96ms", False), ("errors>3%", True), ("errors>4%", False), ("errors>3", True),
        ("throttles>0", True), ("throttles>1%", False),
        ("not-sent>0", True), ("cold-starts>2", False),
    ],
)  # fmt: skip
def test_criteria(text: str, broken: bool) -> None:
    assert (parse_criterion(text).broken_by(_tally()) is not None) is broken


def test_what_nobody_can_know_is_no_criterion() -> None:
    asked = [parse_criterion(text) for text in ("cold-starts>0", "errors>0", "p99>1s")]
    require_known(asked, Function("f"))
    require_known(asked[1:], Endpoint("e"))
    for target in (Endpoint("e"), Url("http://h/")):
        with pytest.raises(CriterionError, match="cold starts are known"):
            require_known(asked, target)


def test_a_latency_of_nothing_is_no_success() -> None:
    assert parse_criterion("p99>1h").broken_by(Tally(due=5)) == "p99>1h: nothing succeeded"


@pytest.mark.parametrize(
    "text", ["", "p99", "p99>", "p99>5", "p99<5ms", "p101>5ms", "errors>-1", "errors>1%%", "x>1"]
)
def test_what_is_no_criterion(text: str) -> None:
    with pytest.raises(CriterionError):
        parse_criterion(text)


@pytest.mark.parametrize(
    "line", ["", "X", "X y: z", ": z", "X: a\r\nY: b", "X: \x00", "X: \u2028", "Content-Length: 1"]
)
def test_what_is_no_header(line: str) -> None:
    with pytest.raises(ValueError, match=r"header|says that itself"):
        header(line)


def test_headers() -> None:
    assert header("X-Session: a b ") == ("X-Session", "a b")
