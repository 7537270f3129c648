"""How many layers, of which, and how large."""

from __future__ import annotations

import pytest

from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.layers.choice import check_layers

MOST = 262_144_000
ARN = "arn:aws:lambda:us-east-1:123456789012:layer:"


@pytest.mark.parametrize(
    ("names", "each_bytes", "own_bytes", "refusal"),
    [
        ([], 0, MOST, None),
        (
            [],
            0,
            MOST + 1,
            rf"exceeds the maximum allowed size of {MOST} bytes\. The actual size is {MOST + 1} ",
        ),
        (["a:1", "b:1"], 1000, MOST - 2000, None),
        (["a:1", "b:1"], 1000, MOST - 1999, rf"The actual size is {MOST + 1} bytes\.$"),
        (["a:1", "b:1", "c:1", "d:1", "e:1"], 1, 0, None),
        (["a:1", "b:1", "c:1", "d:1", "e:1", "f:1"], 1, 0, "^Cannot reference more than 5 layers"),
        (["a:1", "b:1", "a:2"], 1, 0, f"{ARN}a:1 and {ARN}a:2 are versions of the same layer"),
        (["a:1", "a:1"], 1, 0, "Two different versions of the same layer"),
    ],
)
def test_layers(names: list[str], each_bytes: int, own_bytes: int, refusal: str | None) -> None:
    layers = [{"Arn": f"{ARN}{name}", "UnzippedSize": each_bytes} for name in names]
    if refusal is None:
        check_layers(layers, own_bytes)
    else:
        with pytest.raises(InvalidParameterValueException, match=refusal):
            check_layers(layers, own_bytes)
