"""PutParameter: what a new version is, decided of what is there and what is asked for. Pure.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html; sentences are
from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request
from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern
from sagehen.services.ssm.errors import (
    HierarchyTypeMismatchException,
    InvalidAllowedPatternException,
    ParameterAlreadyExists,
    ParameterMaxVersionLimitExceeded,
    ParameterPatternMismatchException,
)
from sagehen.services.ssm.parameters.parameter import (
    ADVANCED,
    INTELLIGENT,
    SECURE,
    STANDARD,
    Parameter,
)
from sagehen.services.ssm.parameters.secrets import DEFAULT_KEY

# Documented: in bytes of UTF-8.
_LONGEST = {STANDARD: 4096, ADVANCED: 8192}
MOST_VERSIONS = 100
IMAGE = "aws:ec2:image"
_DATA_TYPES = ("text", IMAGE, "aws:ssm:integration")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request makes of a parameter, its value not yet sealed."""

    type: str
    tier: str
    key_id: str
    allowed_pattern: str
    description: str
    data_type: str


def wanted(request: Request, latest: Parameter | None) -> Wanted:
    """Return what a request makes of a parameter.

    Raises:
        ValidationException, ParameterAlreadyExists, HierarchyTypeMismatchException.
        NotImplementedOperation: Policies.
    """
    if latest is not None and not request.get("Overwrite"):
        raise ParameterAlreadyExists(
            "The parameter already exists. To overwrite this value, set the overwrite option in the request "
            "to true."
        )
    if request.get("Policies") not in (None, "[]", "[{}]"):
        raise NotImplementedOperation("Sagehen does not implement policies of parameters.")
    if request.get("Overwrite") and request.get("Tags"):
        raise ValidationException(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, "
            "please remove overwrite flag. To update tags for an existing parameter, please use "
            "AddTagsToResource or RemoveTagsFromResource."
        )
    kind = request.get("Type") or (latest.type if latest else None)
    if kind is None:
        raise ValidationException("A parameter type is required when you create a parameter.")
    if latest is not None and kind != latest.type:
        raise HierarchyTypeMismatchException(
            f"The parameter {latest.name} already exists with the type {latest.type}; a parameter's type "
            "cannot be changed."
        )
    tier = _tier(request, latest)
    data_type = request.get("DataType") or (latest.data_type if latest else "text")
    if data_type not in _DATA_TYPES:
        raise ValidationException(f"The following data type is not supported: {data_type}")
    if data_type == "aws:ssm:integration":
        raise NotImplementedOperation("Sagehen does not implement parameters of integrations.")
    key_id = request.get("KeyId") or (latest.key_id if latest else "") or DEFAULT_KEY
    if request.get("KeyId") and kind != SECURE:
        raise ValidationException("KeyId is required for SecureString type parameter only.")
    description = request.get("Description")
    if description is None:
        description = latest.description if latest else ""
    return Wanted(
        kind,
        tier,
        key_id if kind == SECURE else "",
        request.get("AllowedPattern") or "",
        description,
        data_type,
    )


def dropped(versions: Sequence[Parameter]) -> Parameter | None:
    """Return the version that makes room for one more; None where there is room.

    Raises:
        ParameterMaxVersionLimitExceeded: It has a label.
    """
    if len(versions) < MOST_VERSIONS:
        return None
    oldest = versions[0]
    if oldest.labels:
        raise ParameterMaxVersionLimitExceeded(
            f"You attempted to create a new version of {oldest.name} by calling the PutParameter API with "
            f"the "
            f"overwrite flag. Version {oldest.version}, the oldest version, can't be deleted because it "
            f"has a "
            "label associated with it. Move the label to another version of the parameter, and try again."
        )
    return oldest


def _tier(request: Request, latest: Parameter | None) -> str:
    value, asked = request["Value"], request.get("Tier")
    if not value:
        raise ValidationException(
            "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1."
        )
    size = len(value.encode("utf-8", "replace"))
    former = latest.tier if latest else STANDARD
    if asked == STANDARD and former == ADVANCED:
        raise ValidationException(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the "
            "advanced "
            "parameter and recreate it as a standard parameter."
        )
    tier = former if asked is None else asked
    if tier == INTELLIGENT:
        tier = ADVANCED if size > _LONGEST[STANDARD] or former == ADVANCED else STANDARD
    if size > _LONGEST[tier]:
        cure = (
            " To create a larger parameter value, upgrade the parameter to use the advanced-parameter "
            "tier. For "
            "more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/"
            "parameter-store-advanced-parameters.html"
        )
        raise ValidationException(
            f"{tier} tier parameters support a maximum parameter value of {_LONGEST[tier]} characters."
            + (cure if tier == STANDARD else "")
        )
    return tier


def check_pattern(pattern: str, value: str) -> None:
    """Check a value against the parameter's own pattern; it may take some 20 ms.

    Raises:
        InvalidAllowedPatternException, ParameterPatternMismatchException.
    """
    try:
        matches = UserPattern(pattern).search(value, aside=True) is not None
    except (InvalidPattern, PatternTooSlow) as error:
        raise InvalidAllowedPatternException(f"The allowed pattern is not valid: {error}") from None
    if not matches:
        raise ParameterPatternMismatchException(
            f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        )
