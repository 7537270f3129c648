"""Whose requests use a notebook's session: address, origin, cookie, and what is passed on."""

from __future__ import annotations

import pytest

from sagehen.gateway.connections.first_line import ProxyRequest
from sagehen.gateway.notebooks import cookies
from sagehen.gateway.notebooks.address import NotebookCall, recognize
from sagehen.gateway.notebooks.origin import is_own
from sagehen.gateway.notebooks.passing import passed_headers, upgrade_head
from sagehen.services.sagemaker.notebooks.entrance import Place
from tests.unit.gateway.making import incoming

NB = Place("eu-west-1", "nb-1")
AWS, LOCAL = "nb-1.notebook.eu-west-1.sagemaker.aws", "nb-1.notebook.eu-west-1.localhost"
SESSION = "s" * 64


@pytest.mark.parametrize(
    ("host", "path", "call"),
    [
        (AWS, "/", NotebookCall(NB, True)),
        (f"{LOCAL.upper()}:4566", "/_sagehen/health", NotebookCall(NB, True)),
        ("nb-1.notebook.eu-west-1.localhost.localstack.cloud:1", "/", NotebookCall(NB, True)),
        ("127.0.0.1:4566", "/_aws/notebook/eu-west-1/nb-1/lab", NotebookCall(NB, False)),
        ("evil.example", "/_aws/notebook/eu-west-1/nb-1/lab", NotebookCall(NB, False)),
        ("h", f"/_aws/notebook/{'r' * 99}/{'l' * 99}/", NotebookCall(Place("r" * 63, "l" * 63), False)),
        # DNS rebinding, and names of others.
        (f"{LOCAL}.evil.example", "/", None),
        (f"x.{LOCAL}", "/", None),
        ("nb-1.notebook.localhost", "/", None),
        (f"{'a' * 64}.notebook.eu-west-1.localhost", "/", None),
        ("nb_1.notebook.eu-west-1.localhost", "/", None),
        ("notebook.eu-west-1.sagemaker.aws", "/", None),
        ("127.0.0.1:4566", "/bucket/_aws/notebook/eu-west-1/nb-1/", None),
    ],
)
def test_addresses(host: str, path: str, call: NotebookCall | None) -> None:
    assert recognize(incoming(path=path, host=host)) == call


def test_the_proxy_door_answers_for_them() -> None:
    assert ProxyRequest(True, AWS, 443, b"", b"").is_aws
    assert not ProxyRequest(True, "sagemaker.aws", 443, b"", b"").is_aws


HOST = {"host": f"{LOCAL}:4566"}
OWN = f"http://{LOCAL}:4566"
NAVIGATES = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    ("method", "headers", "own"),
    [
        ("GET", {}, True),  # curl
        ("POST", {}, True),
        ("GET", {"sec-fetch-site": "none", **NAVIGATES}, True),  # typed
        ("POST", {"origin": OWN, "sec-fetch-site": "same-origin"}, True),
        ("POST", {"origin": OWN.upper()}, True),
        ("GET", {"upgrade": "websocket", "origin": OWN}, True),
        ("GET", {"sec-fetch-site": "cross-site", **NAVIGATES}, True),  # a link that was followed
        # Others' pages: another notebook's is of the same site to a browser, and brings the cookie.
        ("GET", {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}, False),
        ("GET", {"sec-fetch-site": "cross-site", **NAVIGATES, "sec-fetch-dest": "iframe"}, False),
        ("POST", {"sec-fetch-site": "same-site", **NAVIGATES}, False),  # a form
        ("POST", {"origin": "null"}, False),
        ("POST", {"origin": "http://other.notebook.eu-west-1.localhost:4566"}, False),
        ("POST", {"origin": f"https://{LOCAL}:4566"}, False),
        ("POST", {"origin": f"http://{LOCAL}"}, False),
        ("GET", {"upgrade": "websocket", "origin": "http://evil.example"}, False),
        ("GET", {"upgrade": "websocket", "sec-fetch-site": "same-site"}, False),
        ("GET", {"upgrade": "websocket", "sec-fetch-site": "same-site", **NAVIGATES}, False),
        ("GET", {"origin": OWN, "sec-fetch-site": "cross-site", **NAVIGATES}, False),
        ("OPTIONS", {"origin": "http://evil.example"}, False),
    ],
)  # fmt: skip
def test_who_may_use_the_cookie(method: str, headers: dict[str, str], own: bool) -> None:
    assert is_own(method, HOST | headers, secure=False) is own


def test_cookies_are_found_among_others_and_kept_back() -> None:
    mine = f"{cookies.NAME}={SESSION}"
    headers = [f"_xsrf=a=b; {mine}", f"{mine}; {cookies.NAME}=short; {cookies.NAME}={'ä' * 20}; x"]
    assert cookies.sessions(headers) == [SESSION]
    assert cookies.without_sessions(headers) == "_xsrf=a=b"
    many = [f"{cookies.NAME}={n:064d}" for n in range(100)]
    assert len(cookies.sessions(many)) == 8
    assert cookies.set_cookie("s", 5, secure=True).endswith("HttpOnly; SameSite=Lax; Secure")


def test_what_the_server_behind_sees() -> None:
    request = incoming(
        path="/x",
        host=LOCAL,
        headers={
            "cookie": f"{cookies.NAME}={SESSION}; _xsrf=1",
            "authorization": "AWS4-HMAC-SHA256 Credential=AKIA",
            "x-amz-security-token": "secret",
            "x-forwarded-for": "1.2.3.4",
            "connection": "keep-alive, x",
            "content-length": "5",
            "origin": OWN,
            "sec-websocket-key": "k",
        },
    )
    passed = dict(passed_headers(request, "own"))
    assert passed == {
        "cookie": "_xsrf=1", "authorization": "token own", "origin": OWN, "sec-websocket-key": "k"
    }  # fmt: skip
    head = upgrade_head(request, "/x?y", "own").decode()
    assert head.startswith(
        f"GET /x?y HTTP/1.1\r\nHost: {LOCAL}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    )
    assert head.endswith("\r\n\r\n")
    assert SESSION not in head
