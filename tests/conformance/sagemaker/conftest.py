"""What SageMaker's conformance tests share: a client, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory


@pytest.fixture(scope="package")
def sagemaker(client: ClientFactory) -> Any:
    return client("sagemaker")


def refused(call: Callable[..., Any], code: str = "ValidationException", /, **request: Any) -> str:
    """Return the message of the refusal with that code, which a call comes to."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    message: str = caught.value.response["Error"]["Message"]
    return message
