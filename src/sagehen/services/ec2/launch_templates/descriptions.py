"""DescribeLaunchTemplates, DescribeLaunchTemplateVersions."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue, MissingParameter
from sagehen.services.ec2.launch_templates.templates import (
    DEFAULT,
    LATEST,
    VERSION,
    named,
    shown_version,
    version_of,
)
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import LAUNCH_TEMPLATE
from sagehen.services.ec2.resources.listing import asked_for, check_page, page
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

_MOST = 200
_FILTERS = {"create-time": "CreateTime", "launch-template-name": "LaunchTemplateName"}
_VERSION_FILTERS = {
    "create-time": "CreateTime",
    "ebs-optimized": "LaunchTemplateData.EbsOptimized",
    "http-endpoint": "LaunchTemplateData.MetadataOptions.HttpEndpoint",
    "http-tokens": "LaunchTemplateData.MetadataOptions.HttpTokens",
    "iam-instance-profile": "LaunchTemplateData.IamInstanceProfile.Arn",
    "image-id": "LaunchTemplateData.ImageId",
    "instance-type": "LaunchTemplateData.InstanceType",
    "is-default-version": "DefaultVersion",
    "kernel-id": "LaunchTemplateData.KernelId",
    "ram-disk-id": "LaunchTemplateData.RamDiskId",
}


class TemplateDescriptions:
    """What launch templates there are.

    Args:
        state: Where resources are.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @action("DescribeLaunchTemplates")
    async def describe_launch_templates(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of templates.

        Raises:
            Ec2Error: `InvalidLaunchTemplateId.NotFound`, `InvalidLaunchTemplateName.NotFoundException`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken.
        """
        check_page(request, "LaunchTemplateIds", fewest=1, most=_MOST)

        def work(view: View) -> Reply:
            names, ids = request.get("LaunchTemplateNames") or (), request.get("LaunchTemplateIds")
            found = [named(view, {"LaunchTemplateName": name}) for name in names]
            if ids or not names:
                found += asked_for(view, LAUNCH_TEMPLATE, ids)
            unique = sorted({item.id: item for item in found}.values(), key=lambda item: item.number)
            described = [{**item.shown(), "": item.number} for item in unique]
            shown = select(described, request.get("Filters"), _FILTERS)
            limited = {**request, "MaxResults": request.get("MaxResults") or _MOST}
            return page(shown, limited, "LaunchTemplates", "launch-templates")

        return await self.state.read(context.scope, work)

    @action("DescribeLaunchTemplateVersions")
    async def describe_launch_template_versions(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of one template's versions, the newest first, or of all templates' latest or default.

        Raises:
            Ec2Error: `….NotFound`, `InvalidLaunchTemplateId.VersionNotFound`.
            InvalidParameterValue, InvalidParameterCombination, InvalidNextToken, MissingParameter.
        """
        refuse_unbuilt(request, ("ResolveAlias",))
        check_page(request, "Versions", fewest=1, most=_MOST)
        of_one = request.get("LaunchTemplateId") or request.get("LaunchTemplateName")
        if not of_one and not request.get("Versions"):
            raise MissingParameter("LaunchTemplateId or LaunchTemplateName")

        def work(view: View) -> Reply:
            if of_one:
                rows = _of_one(view, named(view, request), request)
            else:
                rows = _of_all(view, request["Versions"])
            shown = select(rows, request.get("Filters"), _VERSION_FILTERS)
            limited = {**request, "MaxResults": request.get("MaxResults") or _MOST}
            return page(shown, limited, "LaunchTemplateVersions", "launch-template-versions")

        return await self.state.read(context.scope, work)


def _of_one(view: View, template: Resource, request: Request) -> list[dict[str, Any]]:
    if texts := request.get("Versions"):
        found = [version_of(view, template, text) for text in dict.fromkeys(texts)]
    else:
        least, most = _bound(request, "MinVersion"), _bound(request, "MaxVersion")
        found = [
            version
            for version in view.of(VERSION, template.id)
            if (least is None or version.body["VersionNumber"] >= least)
            and (most is None or version.body["VersionNumber"] <= most)
        ]
    found.sort(key=lambda version: -version.number)
    return [{**shown_version(template, version), "": -version.number} for version in found]


def _of_all(view: View, texts: list[str]) -> list[dict[str, Any]]:
    if not set(texts) <= {LATEST, DEFAULT}:
        raise InvalidParameterValue(
            "Without a launch template only the versions $Latest and $Default can be described."
        )
    rows = {}
    for template in view.all(LAUNCH_TEMPLATE):
        for text in texts:
            try:
                version = version_of(view, template, text)
            except Ec2Error:  # its latest version was deleted
                continue
            rows[version.number] = {**shown_version(template, version), "": -version.number}
    return [rows[number] for number in sorted(rows, reverse=True)]


def _bound(request: Request, member: str) -> int | None:
    text = request.get(member)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidParameterValue(f"Value ({text[:64]}) for parameter {member} is invalid.")
    return int(text)
