"""Every error class is a code of AWS's model."""

from __future__ import annotations

import botocore.session
import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.apigateway import errors


@pytest.mark.parametrize(
    "error",
    [each for each in vars(errors).values() if isinstance(each, type) and each.__module__ == errors.__name__],
)
def test_codes_are_awss(error: type[ServiceError]) -> None:
    model = botocore.session.get_session().get_service_model("apigateway")
    codes = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in model.error_shapes}
    assert error.code in codes
    assert error.status in (None, codes[error.code])
