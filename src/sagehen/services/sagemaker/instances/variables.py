"""Variables that users give to containers: refused where no environment can hold them."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.api.errors import ValidationException
from sagehen.domain.process_text import first_fault


def require_variables(member: str, variables: Mapping[str, str]) -> None:
    """Check that a process can be given these variables.

    Args:
        member: Of the request, for the message.
        variables: By name. Values stay out of the message: they may be secrets.

    Raises:
        ValidationException: AWS's patterns allow every character; a NUL is one that no container can get.
    """
    if fault := first_fault(variables):
        raise ValidationException(f"Invalid {member}: {fault[0]!a}: {fault[1]}.")
