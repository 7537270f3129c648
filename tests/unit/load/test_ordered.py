"""Command lines: what is ordered, and where it goes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sagehen.cli.load.options import Options
from sagehen.cli.load.ordered import access, addressed, ordered, slotted
from sagehen.cli.running import NotRunning
from sagehen.load.outgoing.order import Keys, Order, Signing
from sagehen.load.run.access import Access
from sagehen.load.target import parse_target


def options(target: str = "http://h/", **changes: Any) -> Options:
    plain: dict[str, Any] = {
        "target": target, "rate": "5", "trace": None, "duration": "10s", "evenly": False, "seed": 1,
        "body": None, "body_dir": None, "content_type": None, "header": [], "method": None, "sign": None,
        "endpoint_url": None, "aws": False, "region": None, "max_in_flight": 10, "timeout": "3s",
        "processes": 2, "json": None, "picture": None, "fail_if": [], "data": Path("/nowhere/at/all"),
    }  # fmt: skip
    return Options(**(plain | changes))


def order(**changes: Any) -> Order:
    asked = options(**changes)
    return ordered(asked, parse_target(asked.target))


def test_what_is_ordered() -> None:
    found = order(body="@x.json", header=["A: b"], content_type="image/png")
    assert (found.method, found.headers, found.content_type) == ("POST", [("A", "b")], "image/png")
    assert (found.file, found.text) == (str(Path("x.json").absolute()), None)
    assert (found.duration, found.timeout, found.most_in_flight, found.shares) == (10, 3, 5, 2)
    assert order().method == "GET"
    assert order(target="function:f").method == "POST"
    assert Order.unpacked(found.packed()) == found


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rate": None}, "one of --rate and --trace"),
        ({"trace": Path("x")}, "one of --rate and --trace"),
        ({"body": "x", "body_dir": Path("/")}, "one of --body"),
        ({"body_dir": Path("/nowhere")}, "no folder"),
        ({"method": "BREW"}, "--method BREW"),
        ({"target": "function:f", "method": "GET"}, "takes POST alone"),
        ({"header": ["x"]}, "no header"),
        ({"content_type": "a\r\nb", "body": "x"}, "no header"),
        ({"content_type": "a/b"}, "of what"),
        ({"content_type": "a/b", "body": "x", "header": ["content-type: c/d"]}, "one of --content-type"),
        ({"duration": "10"}, "no duration"),
        ({"timeout": "0s"}, "no duration"),
    ],
)
def test_what_makes_no_sense(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        order(**changes)


def test_nothing_goes_to_aws_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    endpoint = parse_target("endpoint/e")
    with pytest.raises(NotRunning):
        access(options("endpoint/e"), endpoint)
    assert access(options("endpoint/e", aws=True), endpoint) == Access()
    assert access(options("endpoint/e", endpoint_url="http://x"), endpoint) == Access("http://x")
    with pytest.raises(ValueError, match="one of"):
        access(options("endpoint/e", endpoint_url="http://x", aws=True), endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert access(options("endpoint/e"), endpoint) == Access()
    url = parse_target("http://h/")
    assert access(options(), url) is None
    for changes in ({"aws": True}, {"endpoint_url": "http://x", "sign": "lambda"}, {"region": "eu-west-1"}):
        with pytest.raises(ValueError, match="a URL says it all"):
            access(options(**changes), url)
    with pytest.raises(ValueError, match="always signed"):
        access(options("endpoint/e", sign="lambda"), endpoint)
    assert access(options(sign="lambda", region="eu-west-1"), url) == Access(None, "eu-west-1")


def test_aws_is_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA"):
        with monkeypatch.context() as patch, pytest.raises(ValueError, match=f"{name} leads to http://x"):
            patch.setenv(name, "http://x")
            access(options("endpoint/e", aws=True), parse_target("endpoint/e"))


def test_addresses_and_signatures() -> None:
    reached = Access("http://127.0.0.1:4566", "eu-west-1", Keys("AK", "SK"))
    found = addressed(
        order(target="endpoint/e/variant/v"), parse_target("endpoint/e/variant/v"), reached, None
    )
    assert found.url == "http://127.0.0.1:4566/endpoints/e/invocations"
    assert found.headers == [("X-Amzn-SageMaker-Target-Variant", "v")]
    assert found.signing == Signing("sagemaker", "eu-west-1", Keys("AK", "SK"))
    url = parse_target("http://h/x")
    assert addressed(order(), url, None, None).signing is None
    assert addressed(order(), url, reached, "execute-api").signing == Signing(
        "execute-api", "eu-west-1", Keys("AK", "SK")
    )
    for sign in ("", "lambda\r\nX: y", "x" * 64):
        with pytest.raises(ValueError, match="a service such as"):
            addressed(order(), url, reached, sign)
    with pytest.raises(ValueError, match="only a host"):
        addressed(order(), parse_target("endpoint/e"), Access("http://h/path", "us-east-1"), None)


def test_stretches() -> None:
    assert [slotted(order(), seconds).slot for seconds in (3, 20, 21, 200, 86400)] == [0.5, 0.5, 1, 1, 432]
