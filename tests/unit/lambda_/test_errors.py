"""Every error class is one of AWS's, with AWS's status."""

from __future__ import annotations

import botocore.session
import pytest

from sagehen.services.lambda_ import errors

# CreateFunction answers it although the model does not know it.
_OUTSIDE_THE_MODEL = {"RequestEntityTooLargeException"}
_CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type)
    and issubclass(value, errors.ServiceError)
    and value not in (errors.ServiceError, errors.LambdaError)
]


@pytest.mark.parametrize("error", _CLASSES, ids=lambda error: error.code)
def test_class_is_in_the_model(error: type[errors.ServiceError]) -> None:
    model = botocore.session.get_session().get_service_model("lambda")
    if error.code in _OUTSIDE_THE_MODEL:
        assert error.code not in model.shape_names
        return
    shape = model.shape_for(error.code)
    assert shape.metadata["exception"]
    assert shape.metadata["error"]["httpStatusCode"] == error.status
