"""Names of parameters: what may be one, and what else a request may put behind it.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html;
sentences are from memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.api.errors import ValidationException
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.services.ssm.errors import AccessDeniedException, HierarchyLevelLimitExceededException

PUBLIC = "/aws/"
# Documented: with the ARN before it, 1011 characters.
_LONGEST = 1011
_MOST_LEVELS = 15
_CHARACTERS = re.compile(r"[a-zA-Z0-9_.\-/]+")
_RULES = (
    "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed "
    "as a mix of letters, numbers and the following 3 symbols .-_"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What GetParameter is asked for.

    Args:
        name: As the parameter was put.
        selector: `:` with a version or a label, or nothing for the latest.
    """

    name: str
    selector: str = ""


def check_new(name: str) -> None:
    """Check the name of a parameter that is to be made.

    Raises:
        ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException.
    """
    if name.lower().startswith(PUBLIC):
        raise AccessDeniedException(f"No access to reserved parameter name: {name[:100]}.")
    first = name.lstrip("/").lower()
    if first.startswith(("aws", "ssm")):
        prefix = "aws" if first.startswith("aws") else "ssm"
        raise ValidationException(
            f'Parameter name: can\'t be prefixed with "{prefix}" (case-insensitive). {_RULES}'
        )
    if len(name) > _LONGEST or not _CHARACTERS.fullmatch(name) or "//" in name or name.endswith("/"):
        raise ValidationException(
            f'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). {_RULES}'
        )
    if "/" in name and not name.startswith("/"):
        raise ValidationException("Parameter name must be a fully qualified name.")
    if name.count("/") > _MOST_LEVELS:
        raise HierarchyLevelLimitExceededException(
            f"Hierarchy levels of parameter names are limited to {_MOST_LEVELS}."
        )


def check_path(path: str) -> None:
    """Check the path of a hierarchy.

    Raises:
        ValidationException.
    """
    if not path.startswith("/") or not _CHARACTERS.fullmatch(path) or len(path) > _LONGEST:
        raise ValidationException(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin "
            "with a "
            f'forward slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). '
            f"{_RULES}"
        )


def reference(text: str, scope: Scope) -> Reference:
    """Read what GetParameter is asked for: a name or an ARN, and behind a colon a version or a label.

    Raises:
        ValidationException: An ARN of another account, region or service.
    """
    if text.startswith("arn:"):
        try:
            arn = Arn.parse(text)
        except ValueError:
            raise ValidationException(f"Invalid ARN: {text[:200]}") from None
        kind, slash, rest = arn.resource.partition("/")
        here = (arn.service, arn.region, kind) == ("ssm", scope.region, "parameter")
        if not here or not slash or arn.account_id not in (scope.account_id, ""):
            raise ValidationException(f"Invalid ARN: {text[:200]}")
        name, colon, selector = rest.partition(":")
        # An ARN has no slash of its own before a name that has none.
        return Reference(f"/{name}" if "/" in name else name, colon + selector)
    name, colon, selector = text.partition(":")
    return Reference(name, colon + selector)


def resource(name: str) -> str:
    """Return the resource part of a parameter's ARN."""
    return f"parameter/{name.lstrip('/')}"
