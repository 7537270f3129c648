"""Where a website's rules send a request."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.s3.website.routing import (
    Asked,
    Redirect,
    index_key,
    redirect_by_rule,
    redirect_of_everything,
)

DOCS = {"Condition": {"KeyPrefixEquals": "docs/"}}
MISSING = {"Condition": {"HttpErrorCodeReturnedEquals": "404"}}
OLD_MISSING = {"Condition": {"KeyPrefixEquals": "old/", "HttpErrorCodeReturnedEquals": "404"}}


@pytest.mark.parametrize(
    ("rules", "key", "error", "answer"),
    [
        ([], "docs/a", None, None),
        ([DOCS | {"Redirect": {"ReplaceKeyPrefixWith": "d/"}}], "docs/a", None, (301, "http://w/d/a")),
        ([DOCS | {"Redirect": {"ReplaceKeyWith": "all.html"}}], "docs/a", None, (301, "http://w/all.html")),
        ([DOCS | {"Redirect": {"ReplaceKeyPrefixWith": ""}}], "docs/a", None, (301, "http://w/a")),
        ([DOCS | {"Redirect": {"ReplaceKeyWith": "x"}}], "other", None, None),
        ([DOCS | {"Redirect": {"ReplaceKeyWith": "x"}}], "docs/a", 404, None),  # nothing about errors
        ([{"Redirect": {"HostName": "b"}}], "a b", None, (301, "http://b/a%20b")),
        ([{"Redirect": {"Protocol": "https"}}], "k", None, (301, "https://w/k")),
        ([{"Redirect": {"HostName": "b", "HttpRedirectCode": "302"}}], "k", None, (302, "http://b/k")),
        ([MISSING | {"Redirect": {"ReplaceKeyWith": "404.html"}}], "k", None, None),
        ([MISSING | {"Redirect": {"ReplaceKeyWith": "404.html"}}], "k", 403, None),
        ([MISSING | {"Redirect": {"ReplaceKeyWith": "404.html"}}], "k", 404, (301, "http://w/404.html")),
        ([OLD_MISSING | {"Redirect": {"HostName": "b"}}], "k", 404, None),
        ([OLD_MISSING | {"Redirect": {"HostName": "b"}}], "old/k", 404, (301, "http://b/old/k")),
        # The first that fits, though a later one is closer.
        ([{"Redirect": {"HostName": "b"}}, DOCS | {"Redirect": {"HostName": "c"}}], "docs/a", None,
         (301, "http://b/docs/a")),
    ],
)  # fmt: skip
def test_rules(rules: list[Any], key: str, error: int | None, answer: tuple[int, str] | None) -> None:
    found = redirect_by_rule(rules, Asked("http", "w", key), error)
    assert found == (answer and Redirect(*answer))


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ({"HostName": "b"}, "http://b/a%20b?c=d"),
        ({"HostName": "b", "Protocol": "https"}, "https://b/a%20b?c=d"),
    ],
)
def test_everything(target: dict[str, str], location: str) -> None:
    asked = Asked("http", "w", "a b")
    assert redirect_of_everything(target, asked, "/a%20b?c=d") == Redirect(301, location)


@pytest.mark.parametrize(("key", "served"), [("", "i"), ("a/", "a/i"), ("a", "a"), ("a/b", "a/b")])
def test_folders_have_an_index(key: str, served: str) -> None:
    assert index_key(key, "i") == served
