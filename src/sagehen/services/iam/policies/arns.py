"""What is an ARN of a managed policy, the customer's or AWS's own."""

from __future__ import annotations

import re

from sagehen.services.iam.errors import ValidationError

_POLICY_ARN = re.compile(r"arn:[^:]+:iam:[^:]*:(\d{12}|aws):policy/.+")


def is_policy_arn(text: str) -> bool:
    """Tell whether a text has the form of one; there may be no such policy."""
    return _POLICY_ARN.fullmatch(text) is not None


def require_policy_arn(arn: str) -> None:
    """Refuse what is no ARN of a policy, as AWS was recorded to do in 2025 (`ARN … is not valid.` since).

    Raises:
        ValidationError
    """
    if not is_policy_arn(arn):
        raise ValidationError("Invalid ARN:  Could not be parsed!")
