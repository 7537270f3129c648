"""Every error class is a code of AWS's models."""

from __future__ import annotations

import botocore.session
import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.iam import errors

# Common errors of the query protocol, which no model lists.
COMMON = {"ValidationError": 400, "InvalidParameterValue": 400, "InvalidClientTokenId": 403}


def model_codes() -> dict[str, int | None]:
    codes: dict[str, int | None] = dict(COMMON)
    for service in ("iam", "sts"):
        for shape in botocore.session.get_session().get_service_model(service).error_shapes:
            error = shape.metadata.get("error", {})
            codes[error.get("code", shape.name)] = error.get("httpStatusCode")
    return codes


@pytest.mark.parametrize(
    "error",
    [each for each in vars(errors).values() if isinstance(each, type) and each.__module__ == errors.__name__],
)
def test_codes_are_awss(error: type[ServiceError]) -> None:
    codes = model_codes()
    assert error.code in codes
    assert error.status in (None, codes[error.code])
