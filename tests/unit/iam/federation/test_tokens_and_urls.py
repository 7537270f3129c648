"""Which URLs an issuer may have, and the session tags that a token may carry."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.iam.errors import InvalidIdentityToken
from sagehen.services.iam.federation.identity_tokens import IdentityToken, session_tags_of
from sagehen.services.iam.federation.oidc_providers import is_usable_url, without_scheme


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("https://issuer.example", True),
        ("https://issuer.example:8443/path", True),
        ("http://localhost:8080", True),  # a rehearsal on this machine
        ("http://127.0.0.1", True),
        ("http://[::1]:8080", True),
        ("http://issuer.example", False),
        ("https://issuer.example?tenant=1", False),
        ("https://issuer.example#fragment", False),
        ("https://user@issuer.example", False),
        ("https://issuer.example:port", False),
        ("https://", False),
        ("ftp://issuer.example", False),
        ("issuer.example", False),
        ("https://[::1", False),
    ],
)
def test_urls(url: str, usable: bool) -> None:
    assert is_usable_url(url) is usable


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/", "a.example"),
        ("http://a.example", "a.example"),
        ("https://a.example/b/", "a.example/b"),
    ],
)
def test_two_schemes_of_one_url_are_one_provider(url: str, name: str) -> None:
    assert without_scheme(url) == name


@pytest.mark.parametrize(
    ("claim", "tags", "transitive"),
    [
        (None, {}, ()),
        ({}, {}, ()),
        ({"principal_tags": {"team": ["red"]}}, {"team": "red"}, ()),
        ({"principal_tags": {"team": ["red", "blue"]}}, {"team": "red"}, ()),
        (
            {"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]},
            {"team": "red"},
            ("team",),
        ),
        ({"principal_tags": {f"k{n}": ["v"] for n in range(50)}}, {f"k{n}": "v" for n in range(50)}, ()),
    ],
)
def test_tags_of_a_token(claim: Any, tags: dict[str, str], transitive: tuple[str, ...]) -> None:
    token = IdentityToken("", "RS256", None, {"https://aws.amazon.com/tags": claim})
    assert session_tags_of(token) == (tags, transitive)


@pytest.mark.parametrize(
    "claim",
    [
        "red",
        ["team"],
        {"principal_tags": ["team"]},
        {"principal_tags": {"team": []}},
        {"principal_tags": {"team": None}},
        {"transitive_tag_keys": 1},
        {"principal_tags": {f"k{n}": ["v"] for n in range(51)}},
        {"principal_tags": {"team": ["r" * 20_000]}},
    ],
)
def test_tags_that_cannot_be(claim: Any) -> None:
    token = IdentityToken("", "RS256", None, {"https://aws.amazon.com/tags": claim})
    with pytest.raises(InvalidIdentityToken, match="tags of the ID Token are not valid"):
        session_tags_of(token)
