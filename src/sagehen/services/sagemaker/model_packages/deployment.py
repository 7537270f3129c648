"""Models of packages: which containers stand behind the package that a ContainerDefinition names. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import errors, names
from sagehen.services.sagemaker.model_packages.package import PackageRecord
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords

# Of a package's container, what a model's container has as well.
_TAKEN = ("ContainerHostname", "Image", "ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources")
_NAMING = ("ModelPackageName", "InferenceSpecificationName")
_OF_ONES_OWN = ("Image", "ModelDataUrl", "ModelDataSource")


class PackagedContainers:
    """Puts containers in the place of packages, as they are now."""

    def __init__(self, packages: PackageRecords) -> None:
        self._packages = packages

    def of(self, scope: Scope, containers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return CreateModel's ContainerDefinitions without packages.

        Raises:
            ValidationException: No such package, one that is not approved, or one that has no such
                specification.
        """
        resolved: list[dict[str, Any]] = []
        for container in containers:
            if not container.get("ModelPackageName"):
                resolved.append(dict(container))
                continue
            named = names.package(scope, container["ModelPackageName"])
            resolved += containers_of(self._packages.require(named), container)
        return resolved


def containers_of(record: PackageRecord, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the containers of a package.

    Args:
        asked: The ContainerDefinition that names it; its variables go before the package's (from memory:
            AWS's Python SDK hands them over for that).

    Raises:
        ValidationException: See `PackagedContainers.of`; words are ours.
    """
    if record.version and record.approval != "Approved":
        raise errors.not_approved(record.arn, record.approval)
    clashing = [member for member in _OF_ONES_OWN if asked.get(member)]
    if clashing:
        raise ValidationException(f"ModelPackageName cannot be specified with {', '.join(clashing)}.")
    specification = _specification(record, asked.get("InferenceSpecificationName"))
    own = {member: value for member, value in asked.items() if member not in (*_NAMING, "Environment")}
    return [
        {
            **{member: container[member] for member in _TAKEN if container.get(member)},
            "Environment": {**(container.get("Environment") or {}), **(asked.get("Environment") or {})},
            **own,
        }
        for container in specification["Containers"]
    ]


def _specification(record: PackageRecord, name: str | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None
    if name is None:
        found = record.members.get("InferenceSpecification")
    else:
        found = next((each for each in record.specifications if each["Name"] == name), None)
    if found is None:
        which = "InferenceSpecification" if name is None else f"inference specification {name}"
        raise ValidationException(f"ModelPackage {record.arn} has no {which}.")
    return found
