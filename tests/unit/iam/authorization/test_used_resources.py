"""What is remembered of resources: few patterns, that cover everything that was used."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.iam.authorization.used_resources import MOST, UsedResources, start_of

S3 = "arn:aws:s3:::"
ENDPOINT = "arn:aws:sagemaker:us-east-1:1:endpoint/"


@pytest.mark.parametrize(
    ("resource", "start"),
    [
        (f"{S3}b/a/k", f"{S3}b/a/"),
        (f"{S3}b/a/", f"{S3}b/"),
        (f"{S3}b/", S3),
        (f"{S3}b", S3),
        (S3, ""),
        (f"{ENDPOINT}x", ENDPOINT),
        ("arn:aws:logs:r:1:log-group:/aws/x:log-stream:s", "arn:aws:logs:r:1:log-group:/aws/x:log-stream:"),
        ("*", ""),
        ("", ""),
    ],
)
def test_what_neighbours_begin_with(resource: str, start: str) -> None:
    assert start_of(resource) == start


@pytest.mark.parametrize(
    ("noted", "patterns"),
    [
        ([f"{S3}b/k", "*"], ["*", f"{S3}b/k"]),
        ([f"{S3}b/{n}.png" for n in range(100)], [f"{S3}b/*"]),
        ([f"{S3}b/{n}.png" for n in range(100)] + [f"{ENDPOINT}x"], [f"{S3}b/*", f"{ENDPOINT}x"]),
        ([f"{S3}b/{n}/k" for n in range(100)], [f"{S3}b/*"]),
        ([f"{S3}b/a*?$"], [f"{S3}b/a${{*}}${{?}}${{$}}"]),
    ],
)
def test_patterns(noted: list[str], patterns: list[str]) -> None:
    used = UsedResources()
    for resource in noted:
        used.note(resource)
    assert used.patterns() == patterns
    assert not any(used.note(resource) for resource in noted)


@given(st.lists(st.from_regex(rf"\A{S3}[ab]/([cd]/){{0,3}}[a-z*]{{1,3}}\Z"), max_size=60))
def test_whatever_was_used_is_covered_by_few(noted: list[str]) -> None:
    used = UsedResources()
    for resource in noted:
        used.note(resource)
    assert len(used.patterns()) <= MOST
    for resource in noted:
        assert resource in used.exact or any(re.match(re.escape(start), resource) for start in used.starts)
