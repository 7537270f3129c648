"""Which tags a key may have."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.kms.tags import checked_tags

FULL = {f"k{number}": "" for number in range(50)}


@pytest.mark.parametrize(
    ("current", "added", "refused"),
    [
        ({}, ["a", "b"], ""),
        ({}, ["a", "A"], ""),
        ({}, ["a", "a"], "TagException"),
        ({}, ["aws:a"], "TagException"),
        ({}, ["AWS:a"], "TagException"),
        (FULL, ["k0"], ""),
        (FULL, ["new"], "LimitExceededException"),
    ],
)
def test_tags(current: dict[str, str], added: list[str], refused: str) -> None:
    tags = [{"TagKey": key, "TagValue": "v"} for key in added]
    if not refused:
        assert checked_tags(current, tags) == current | dict.fromkeys(added, "v")
        return
    with pytest.raises(ServiceError) as caught:
        checked_tags(current, tags)
    assert caught.value.code == refused
