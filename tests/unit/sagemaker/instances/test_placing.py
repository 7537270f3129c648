"""What a machine must have for the containers of one instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.domain.ports.compute.places import ANY, Needs
from sagehen.services.sagemaker.instances.placing import needs_together

_A, _B, _BOTH = (tuple(map(Path, paths)) for paths in (("/a",), ("/b",), ("/a", "/b")))


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ([ANY, ANY], ANY),
        ([Needs(own=True)], Needs(own=True)),
        ([ANY, Needs(own=True)], Needs(own=True)),  # one environment is here alone, so all of it is here
        ([Needs(files=_A), Needs(image=True)], Needs(files=_A, image=True)),
        ([Needs(files=_A), ANY, Needs(files=_BOTH)], Needs(files=_BOTH)),
        ([Needs(files=_B), Needs(own=True, files=_A)], Needs(own=True, files=(*_B, *_A))),
    ],
)
def test_containers_of_one_instance_are_where_all_of_them_can_be(each: list[Needs], expected: Needs) -> None:
    assert needs_together(each) == expected
