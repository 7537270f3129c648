"""What the container of an endpoint's instance finds around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.hosting.container import _network
from sagehen.services.sagemaker.instances.surroundings import Surroundings

_PORT = 4566


async def _isolated(listener: Any) -> Any:
    raise AssertionError("nothing runs")


@pytest.mark.parametrize(
    ("in_vpc", "isolated", "door", "doors"),
    [
        (False, False, True, {}),
        (True, False, False, {_PORT: _isolated}),
        (False, True, False, {}),
        (True, True, False, {}),
    ],
)
def test_a_model_in_a_vpc_reaches_aws_alone_and_an_isolated_one_nothing(
    in_vpc: bool, isolated: bool, door: bool, doors: dict[int, Any]
) -> None:
    around = Surroundings(_PORT, None, PipSettings({}, ()), isolated_door=_isolated)
    variant = EndpointVariant("v", "m", "ml.t3.medium", 1, 1.0, "image", "role")
    network = _network(replace(variant, in_vpc=in_vpc, network_isolation=isolated), "i", around)
    assert (network.platform_door, dict(network.doors)) == (door, doors)
