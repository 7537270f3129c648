"""Template: its sections, checked for what needs no parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.templates.transforms import names_of

_SECTIONS = (
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions",
    "Resources", "Outputs", "Rules", "Transform", "Hooks",
)  # fmt: skip
_ATTRIBUTES = (
    "Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy",
    "CreationPolicy", "UpdatePolicy",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9]{1,255}\Z")
# Documented quotas.
_MOST_RESOURCES = 500
_MOST = {"Parameters": 200, "Mappings": 200, "Outputs": 200}
_UNBUILT = ("Hooks",)
# Documented: resources that a CreationPolicy may be of, and are here.
_SIGNALLED = ("AWS::EC2::Instance", "AWS::CloudFormation::WaitCondition")
# Documented: what DeletionPolicy and UpdateReplacePolicy may say; `Snapshot` is of types that are not here.
_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate"),
    "UpdateReplacePolicy": ("Delete", "Retain"),
}
# Documented: all that a parameter and an output may have.
_MEMBERS = {
    "Parameters": {
        "Type", "Default", "Description", "NoEcho", "ConstraintDescription", "AllowedValues",
        "AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue",
    },
    "Outputs": {"Value", "Description", "Condition", "Export"},
}  # fmt: skip
NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class Template:
    """A template whose form is right.

    Args:
        text: As it was given.
        description: '' where there is none.
        parameters, mappings, conditions, resources, outputs: The sections, as they were read.
        metadata: Of the template.
        rules: The section.
        document: All of it.
        transforms: Names of the macros that it asks for; empty of one that was processed. Until then only its
            parameters are known to have their form.
    """

    text: str
    description: str
    parameters: Mapping[str, Mapping[str, Any]]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Mapping[str, Any]]
    metadata: Any = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    transforms: tuple[str, ...] = ()

    @property
    def nests(self) -> bool:
        """Whether stacks are nested in what is made of it."""
        return any(one["Type"] == NESTED for one in self.resources.values())


def template_of(text: str, document: Mapping[str, Any]) -> Template:
    """Check a document's form.

    Raises:
        ValidationError: In AWS's words, from memory and public issues.
    """
    transforms = names_of(document)
    if not transforms and (unknown := [name for name in document if name not in _SECTIONS]):
        raise ValidationError(f"Invalid template property or properties [{unknown[0]}]")
    version = document.get("AWSTemplateFormatVersion")
    if version is not None and str(version) != "2010-09-09":
        raise ValidationError(
            f"Template format error: {version} is not a supported value for AWSTemplateFormatVersion."
        )
    if unbuilt := [name for name in _UNBUILT if document.get(name)]:
        raise ValidationError(f"Template section {', '.join(unbuilt)} is not implemented here.")
    description = document.get("Description") or ""
    if not isinstance(description, str) or len(description) > 1024:
        raise ValidationError("Template format error: 'Description' length is greater than 1024.")
    _check_names(document, "Parameters")
    if transforms:
        parameters = _section(document, "Parameters")
        return Template(
            *(text, description, parameters, {}, {}, {}, {}), document=document, transforms=transforms
        )
    resources = _section(document, "Resources")
    if not resources:
        raise ValidationError("Template format error: At least one Resources member must be defined.")
    if len(resources) > _MOST_RESOURCES:
        raise ValidationError(
            f"Template format error: Number of resources, {len(resources)}, is greater than maximum allowed, "
            f"{_MOST_RESOURCES}"
        )
    for name, resource in resources.items():
        _check_resource(name, resource)
    _check_names(document, "Outputs")
    return Template(
        text,
        description,
        _section(document, "Parameters"),
        _section(document, "Mappings"),
        _section(document, "Conditions"),
        resources,
        _section(document, "Outputs"),
        document.get("Metadata"),
        _section(document, "Rules"),
        document,
    )


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise ValidationError(f"Template format error: {name} must be a map.")
    return found


def depends_on(resource: Mapping[str, Any]) -> list[str]:
    """Return what a resource's DependsOn names."""
    names = resource.get("DependsOn") or []
    return [names] if isinstance(names, str) else names


def _check_names(document: Mapping[str, Any], section: str) -> None:
    found = _section(document, section)
    if len(found) > _MOST[section]:
        raise ValidationError(f"Template format error: {section} has more than {_MOST[section]} members.")
    for name, value in found.items():
        if not _NAME.match(name):
            raise ValidationError(f"Template format error: {section} name {name} is non alphanumeric.")
        if not isinstance(value, dict):
            raise ValidationError(f"Template format error: Every {section} member must be an object.")
        # What a macro is still to read may have more.
        if not names_of(document) and (unknown := value.keys() - _MEMBERS[section]):
            # Recorded of parameters (zalando-stups/senza 94); of outputs in the same words.
            noun = section.lower().removesuffix("s")
            raise ValidationError(f"Invalid template {noun} property '{min(unknown, key=str)}'")
        if section == "Outputs" and "Value" not in value:
            raise ValidationError(f"Template format error: Output {name} must have a Value.")
        if section == "Outputs":
            _check_condition(value)
            export = value.get("Export", {"Name": ""})
            if not isinstance(export, dict) or export.keys() != {"Name"}:
                raise ValidationError(
                    f"Template format error: Export of Output {name} must have a Name, and no more."
                )
        if section == "Parameters" and not isinstance(value.get("Type"), str):
            raise ValidationError(
                "Template format error: Every Parameters object must contain a Type member."
            )


def _check_resource(name: str, resource: Any) -> None:
    if not _NAME.match(name):
        raise ValidationError(f"Template format error: Resource name {name} is non alphanumeric.")
    if not isinstance(resource, dict):
        raise ValidationError("Template format error: Any Resources member must be an object.")
    if not isinstance(resource.get("Type"), str):
        raise ValidationError(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        )
    if unknown := [key for key in resource if key not in _ATTRIBUTES]:
        raise ValidationError(f"Invalid template resource property '{unknown[0]}'")
    if not isinstance(resource.get("Properties", {}), dict):
        raise ValidationError(f"Template format error: Properties of {name} must be an object.")
    if resource.get("UpdatePolicy"):
        raise ValidationError(f"Resource {name}: UpdatePolicy is not implemented here.")
    if resource.get("CreationPolicy") and resource["Type"] not in _SIGNALLED:
        raise ValidationError(f"Resource {name}: CreationPolicy is not implemented for {resource['Type']}.")
    _check_condition(resource)
    depends = depends_on(resource)
    if not isinstance(depends, list) or not all(isinstance(one, str) for one in depends):
        raise ValidationError("Template format error: Every DependsOn value must be a string.")
    for key, known in _POLICIES.items():
        if resource.get(key) not in (None, *known):
            raise ValidationError(f"Resource {name}: {key} {resource[key]} is not implemented here.")


def _check_condition(member: Mapping[str, Any]) -> None:
    if not isinstance(member.get("Condition", ""), str):
        raise ValidationError("Template format error: Every Condition member must be a string.")
