"""What the containers of processing jobs run."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.executors.environments import catalogue
from sagehen.executors.environments.resolver import Environments
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.processing.command import command_of

MONITOR = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
SKLEARN = "sagemaker-scikit-learn"
OWN = ("python", "-m", "sagehen.trainingtoolkit.monitoring")


def command(uri: str, **app: Any) -> tuple[str, ...]:
    image = Image(uri, catalogue.find(uri), Environments().local())
    return command_of({"ImageUri": uri, **app}, image)


@pytest.mark.parametrize(
    ("uri", "app", "found"),
    [
        (MONITOR, {}, OWN),
        ("sagemaker-clarify-processing:1.0", {}, ("python", "-m", "sagehen.trainingtoolkit.clarify")),
        (MONITOR, {"ContainerEntrypoint": ["mine"], "ContainerArguments": ["x"]}, ("mine", "x")),
        (SKLEARN, {"ContainerEntrypoint": ["python3", "a.py"]}, ("python3", "a.py")),
    ],
)
def test_commands(uri: str, app: dict[str, Any], found: tuple[str, ...]) -> None:
    assert command(uri, **app) == found


@pytest.mark.parametrize(
    ("uri", "app", "says"),
    [(SKLEARN, {}, "has no entry point"), (MONITOR, {"ContainerArguments": ["x"]}, "ContainerArguments")],
)
def test_what_has_none_is_refused(uri: str, app: dict[str, Any], says: str) -> None:
    with pytest.raises(NotImplementedOperation, match=says):
        command(uri, **app)
