"""Who may read an answer."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.lambda_.urls import cors

from .making import request

ORIGIN = "https://a.example"
ALLOWED = {"AllowOrigins": [ORIGIN, "http://localhost:3000"], "AllowMethods": ["GET", "PUT"]}


def _preflight(config: dict[str, Any], origin: str = ORIGIN, method: str = "GET", asked: str = "") -> Any:
    headers = [("origin", origin), ("access-control-request-method", method)]
    if asked:
        headers.append(("access-control-request-headers", asked))
    question = request(*headers, method="OPTIONS")
    assert cors.is_preflight(question)
    answer = cors.preflight(config, question)
    assert (answer.status, answer.body) == (200, b"")
    return {name.removeprefix("Access-Control-"): value for name, value in answer.headers}


@pytest.mark.parametrize(
    ("config", "question", "told"),
    [
        (ALLOWED, {}, {"Allow-Origin": ORIGIN, "Vary": "Origin", "Allow-Methods": "GET,PUT"}),
        (ALLOWED, {"origin": "https://b.example"}, {}),
        (ALLOWED, {"origin": f"{ORIGIN}.evil"}, {}),
        (ALLOWED, {"origin": "null"}, {}),
        (ALLOWED, {"method": "POST"}, {}),
        (ALLOWED, {"asked": "x-a"}, {}),
        ({}, {}, {}),
        ({"AllowOrigins": ["*"]}, {}, {}),  # and no method
        (
            {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"], "MaxAge": 0},
            {"method": "DELETE", "asked": "X-B, x-a"},
            {"Allow-Origin": "*", "Allow-Methods": "DELETE", "Allow-Headers": "x-a,x-b", "Max-Age": "0"},
        ),
        (
            {"AllowOrigins": ["*"], "AllowMethods": ["GET"], "AllowCredentials": True},
            {},
            {"Allow-Origin": ORIGIN, "Vary": "Origin", "Allow-Credentials": "true", "Allow-Methods": "GET"},
        ),
        (
            {**ALLOWED, "AllowHeaders": ["X-A", "X-B"], "ExposeHeaders": ["X-C"], "MaxAge": 300},
            {"asked": "x-a"},
            {
                "Allow-Origin": ORIGIN,
                "Vary": "Origin",
                "Allow-Methods": "GET,PUT",
                "Allow-Headers": "X-A,X-B",
                "Expose-Headers": "X-C",
                "Max-Age": "300",
            },
        ),
    ],
)
def test_preflights(config: dict[str, Any], question: dict[str, str], told: dict[str, str]) -> None:
    assert _preflight(config, **question) == told


def test_other_options_are_for_the_function() -> None:
    assert not cors.is_preflight(request(method="OPTIONS"))
    assert not cors.is_preflight(request(("origin", ORIGIN), method="OPTIONS"))
    assert not cors.is_preflight(request(("origin", ORIGIN), ("access-control-request-method", "GET")))


@pytest.mark.parametrize(
    ("config", "origin", "told"),
    [
        (None, ORIGIN, {"access-control-allow-origin": "*", "Access-Control-Max-Age": "1"}),
        (
            ALLOWED,
            ORIGIN,
            {"Access-Control-Allow-Origin": ORIGIN, "Vary": "Origin", "Access-Control-Max-Age": "1"},
        ),
        # The function's word counts for nothing where the URL says no.
        (ALLOWED, "https://b.example", {"Access-Control-Max-Age": "1"}),
        (ALLOWED, None, {"Access-Control-Max-Age": "1"}),
        ({"MaxAge": 2}, ORIGIN, {"access-control-allow-origin": "*"}),
    ],
)
def test_what_is_configured_wins_over_the_functions_own(
    config: dict[str, Any] | None, origin: str | None, told: dict[str, str]
) -> None:
    own = [("access-control-allow-origin", "*"), ("Access-Control-Max-Age", "1")]
    asked = request(*([("origin", origin)] if origin else []))
    assert dict(cors.applied(config, asked, own)) == told
