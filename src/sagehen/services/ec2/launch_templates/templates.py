"""Launch templates as they are kept, and how requests name them and their versions.

Codes are documented in EC2's list of error codes; sentences are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterCombination, MissingParameter
from sagehen.services.ec2.resources.kinds import LAUNCH_TEMPLATE, Kind
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.view import View

# A version is a row of its own, without an id that clients know.
VERSION = Kind("launch-template-version", "lt", "launch template version", "InvalidLaunchTemplateId")
LATEST, DEFAULT = "$Latest", "$Default"
# Documented: AWS's quotas.
MOST_TEMPLATES = 5000
_MOST_VERSIONS = 10_000
_NAME = re.compile(r"[a-zA-Z0-9()./_-]{3,128}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a launch template specification means.

    Args:
        template: Its row.
        version: The version's number.
        data: RunInstances' members as the version has them.
    """

    template: Resource
    version: int
    data: Body


def check_name(name: str) -> None:
    """Check the name of a template that is to be made.

    Raises:
        Ec2Error: `InvalidLaunchTemplateName.MalformedException`.
    """
    if not _NAME.fullmatch(name):
        raise Ec2Error(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, "
            "and the following characters: - ( ) . / _.",
        )


def new_template(
    view: View, name: str, *, created_by: str, at: datetime, tags: dict[str, str], token: str = ""
) -> Resource:
    """Make a template without versions.

    Raises:
        Ec2Error: `InvalidLaunchTemplateName.AlreadyExistsException`, `LaunchTemplateLimitExceeded`.
    """
    if view.of(LAUNCH_TEMPLATE, name):
        raise Ec2Error(
            "InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use."
        )
    if view.count(LAUNCH_TEMPLATE) >= MOST_TEMPLATES:
        raise Ec2Error(
            "LaunchTemplateLimitExceeded", "The maximum number of launch templates has been reached."
        )
    body: Body = {
        "LaunchTemplateName": name,
        "CreateTime": stamp(at),
        "CreatedBy": created_by,
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": 0,
        "clientToken": token,
    }
    return view.new(LAUNCH_TEMPLATE, body, tags=tags, parent=name, id_member="LaunchTemplateId")


def new_version(
    view: View, template: Resource, data: Body, *, description: str, created_by: str, at: datetime
) -> Resource:
    """Make a template's next version.

    Raises:
        Ec2Error: `LaunchTemplateVersionLimitExceeded`.
    """
    if view.count(VERSION, template.id) >= _MOST_VERSIONS:
        raise Ec2Error(
            "LaunchTemplateVersionLimitExceeded",
            "The maximum number of launch template versions has been reached.",
        )
    number = template.body["LatestVersionNumber"] + 1
    template.body["LatestVersionNumber"] = number
    view.save(template)
    body: Body = {
        "VersionNumber": number,
        "VersionDescription": description or None,
        "CreateTime": stamp(at),
        "CreatedBy": created_by,
        "LaunchTemplateData": data,
    }
    return view.new(VERSION, body, parent=template.id, identifier=_version_id(template, number))


def shown_version(template: Resource, version: Resource) -> Body:
    """Describe a version."""
    number = version.body["VersionNumber"]
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.body["LaunchTemplateName"],
        "DefaultVersion": number == template.body["DefaultVersionNumber"],
        **version.body,
    }


def named(view: View, request: Mapping[str, Any]) -> Resource:
    """Return the template of LaunchTemplateId or LaunchTemplateName.

    Raises:
        Ec2Error: `InvalidLaunchTemplateId.NotFound`, `InvalidLaunchTemplateName.NotFoundException`.
        InvalidParameterCombination, MissingParameter: Both, or neither.
    """
    identifier, name = request.get("LaunchTemplateId"), request.get("LaunchTemplateName")
    if identifier and name:
        raise InvalidParameterCombination(
            "LaunchTemplateId and LaunchTemplateName cannot be specified together."
        )
    if identifier:
        return view.get(LAUNCH_TEMPLATE, identifier)
    if not name:
        raise MissingParameter("LaunchTemplateId or LaunchTemplateName")
    found = view.of(LAUNCH_TEMPLATE, name)
    if not found:
        raise Ec2Error(
            "InvalidLaunchTemplateName.NotFoundException",
            "At least one of the launch templates specified in the request does not exist.",
        )
    return found[0]


def version_of(view: View, template: Resource, text: str) -> Resource:
    """Return the version of a number, `$Latest` or `$Default`.

    Raises:
        Ec2Error: `InvalidLaunchTemplateId.VersionNotFound`, `InvalidLaunchTemplateId.Malformed`…
    """
    number = text
    if text in (LATEST, DEFAULT):
        member = "LatestVersionNumber" if text == LATEST else "DefaultVersionNumber"
        number = str(template.body[member])
    found = view.find(VERSION, _version_id(template, number))
    if found is None and text == LATEST:  # it was deleted: the one before it is the latest now
        found = max(view.of(VERSION, template.id), key=lambda row: row.number, default=None)
    if found is None:
        raise Ec2Error(
            "InvalidLaunchTemplateId.VersionNotFound",
            f"Could not find the specified version {text[:64]} for the launch template with ID "
            f"{template.id}.",
        )
    return found


def choose(view: View, specification: Mapping[str, Any]) -> Chosen:
    """Return what a LaunchTemplateSpecification means: for whoever starts machines.

    Raises:
        Ec2Error, InvalidParameterCombination, MissingParameter: As `named` and `version_of`.
    """
    template = named(view, specification)
    version = version_of(view, template, specification.get("Version") or DEFAULT)
    return Chosen(template, version.body["VersionNumber"], version.body["LaunchTemplateData"])


def _version_id(template: Resource, number: int | str) -> str:
    return f"{template.id}/{number}"
