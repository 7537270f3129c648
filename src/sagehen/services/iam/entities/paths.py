"""The paths of users, groups, roles, instance profiles and MFA devices."""

from __future__ import annotations

import re

from sagehen.api.operation import Request
from sagehen.services.iam.errors import ValidationError

# The model's pattern, whose refusal IAM words otherwise.
_PATH = re.compile(r"/|/[!-~]+/")


def given_path(request: Request, member: str = "Path", otherwise: str = "/") -> str:
    """Return the path that a request gives, or `otherwise`.

    Raises:
        ValidationError: It is none (recorded for MFA devices; for the others from clients' reports).
    """
    path: str = request.get(member, otherwise)
    if not _PATH.fullmatch(path):
        raise ValidationError(
            "The specified value for path is invalid. It must begin and end with / and contain only"
            " alphanumeric characters and/or / characters."
        )
    return path
