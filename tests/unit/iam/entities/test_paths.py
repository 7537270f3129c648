"""Which paths IAM takes."""

from __future__ import annotations

import pytest

from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.errors import ValidationError


@pytest.mark.parametrize("path", ["/", "/a/", "/a/b/", "/a//b/", "/!~/"])
def test_taken(path: str) -> None:
    assert given_path({"Path": path}) == path


@pytest.mark.parametrize("path", ["", "a", "/a", "a/", "/a b/", "/ä/", "/a/\n"])
def test_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="must begin and end with /"):
        given_path({"Path": path})


def test_what_is_not_given_stays() -> None:
    assert given_path({}) == "/"
    assert given_path({}, "NewPath", "/old/") == "/old/"
