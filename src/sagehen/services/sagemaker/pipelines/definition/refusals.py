"""Invalid: why a definition is refused."""

from __future__ import annotations

from sagehen.api.errors import ValidationException


class Invalid(ValidationException):
    """A definition that breaks a rule. The beginning is recorded (aws/sagemaker-python-sdk pull 3472)."""

    code = "ValidationException"

    def __init__(self, message: str) -> None:
        super().__init__(f"Unable to parse pipeline definition. {message}")
