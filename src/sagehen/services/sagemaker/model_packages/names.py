"""What requests name: a group or a package, by its name or its ARN, of this account or of another. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.api.errors import ValidationException
from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope

GROUP, PACKAGE = "model-package-group", "model-package"


@dataclass(frozen=True, slots=True)
class Named:
    """A group or a package somewhere, whether or not there is one.

    Args:
        kind: `model-package-group` or `model-package`, as in ARNs.
        scope: Of its owner.
        name: `group`, `package` or `group/3`, as the request spells it.
    """

    kind: str
    scope: Scope
    name: str

    @property
    def arn(self) -> str:
        return self.scope.arn("sagemaker", f"{self.kind}/{self.name.lower()}")


def group(scope: Scope, text: str) -> Named:
    """Return the group of an `ArnOrName`.

    Raises:
        ValidationException: It is an ARN of something else, or of another region.
    """
    return _named(GROUP, scope, text)


def package(scope: Scope, text: str) -> Named:
    """Return the package of a `VersionedArnOrName`. Raises as `group`."""
    return _named(PACKAGE, scope, text)


def versions_arn(group: Named) -> str:
    """Return the ARN that policies name for whatever a group holds (documented: its policy's examples)."""
    return group.scope.arn("sagemaker", f"{PACKAGE}/{group.name.lower()}/*")


def _named(kind: str, scope: Scope, text: str) -> Named:
    if not text.startswith("arn:"):
        return Named(kind, scope, text)
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise ValidationException(f"Invalid ARN: {text}") from None
    if arn.service != "sagemaker" or arn.resource_type != kind:
        raise ValidationException(f"Invalid ARN: {text} is not the ARN of a {kind}.")
    if arn.region != scope.region:
        raise ValidationException(f"Invalid ARN: {text} is of another region than {scope.region}.")
    return Named(kind, Scope(arn.account_id, arn.region), arn.resource.partition("/")[2])
