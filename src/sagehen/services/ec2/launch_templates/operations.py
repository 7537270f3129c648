"""CreateLaunchTemplate, CreateLaunchTemplateVersion, ModifyLaunchTemplate, DeleteLaunchTemplate,
DeleteLaunchTemplateVersions.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html and its
neighbours.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.clock import Clock
from sagehen.services.ec2.errors import (
    Ec2Error,
    IdempotentParameterMismatch,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.launch_templates.data import check, storable, warnings
from sagehen.services.ec2.launch_templates.templates import (
    VERSION,
    check_name,
    named,
    new_template,
    new_version,
    shown_version,
    version_of,
)
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import LAUNCH_TEMPLATE
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.tokens import once
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

_BY = on("LaunchTemplateId", "LaunchTemplateName")
_LONGEST_DESCRIPTION = 255
# Documented: versions of one request.
_MOST_DELETED = 200


class LaunchTemplates:
    """Launch templates and their versions.

    Args:
        state: Where resources are.
        clock: Dates them.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self.state = state
        self._clock = clock

    @action("CreateLaunchTemplate", access=on(creates=LAUNCH_TEMPLATE))
    async def create_launch_template(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a template with its first version; what RunInstances would refuse is warned of.

        Raises:
            Ec2Error: `InvalidLaunchTemplateName.…`, `InvalidUserData.Malformed`,
                `LaunchTemplateLimitExceeded`.
            InvalidParameterValue, InvalidParameterCombination, IdempotentParameterMismatch, TagLimitExceeded.
        """
        refuse_unbuilt(request, ("Operator",))
        name, data = request["LaunchTemplateName"], self._data(request)
        check_name(name)
        tags = given(request, LAUNCH_TEMPLATE)
        token = request.get("ClientToken") or ""

        def work(view: View) -> dict[str, Any]:
            if (before := _repeated(view, name, token, data)) is not None:
                return _answered(view, before, data)
            template = new_template(
                view, name, created_by=context.principal.arn, at=self._clock.now(), tags=tags, token=token
            )
            self._version(view, template, data, context, request)
            return _answered(view, template, data)

        return await self.state.change(context.scope, request, work)

    @action("CreateLaunchTemplateVersion", access=_BY)
    async def create_launch_template_version(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Make a template's next version, of its own data or laid over another version's.

        Raises:
            Ec2Error: `….NotFound`, `InvalidLaunchTemplateId.VersionNotFound`, `InvalidUserData.Malformed`.
            InvalidParameterValue, InvalidParameterCombination, MissingParameter.
        """
        refuse_unbuilt(request, ("ResolveAlias",))
        data = self._data(request)

        def work(view: View) -> dict[str, Any]:
            template = named(view, request)
            whole = data
            if source := request.get("SourceVersion"):
                whole = {**version_of(view, template, source).body["LaunchTemplateData"], **data}
                check(whole)
            version = once(
                *(view, VERSION, request),
                lambda: self._version(view, template, whole, context, request),
            )
            found = warnings(view, whole)
            warning = {"Warning": {"Errors": found}} if found else {}
            return {"LaunchTemplateVersion": shown_version(template, version), **warning}

        return await self.state.change(context.scope, request, work)

    @action(
        "ModifyLaunchTemplate",
        access=on("LaunchTemplateId", "LaunchTemplateName", attributes=("DefaultVersion",)),
    )
    async def modify_launch_template(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make another version the default one.

        Raises:
            Ec2Error: `….NotFound`, `InvalidLaunchTemplateId.VersionNotFound`.
            InvalidParameterCombination, MissingParameter.
        """
        if not request.get("DefaultVersion"):
            raise MissingParameter("SetDefaultVersion")

        def work(view: View) -> Body:
            template = named(view, request)
            version = version_of(view, template, request["DefaultVersion"])
            template.body["DefaultVersionNumber"] = version.body["VersionNumber"]
            view.save(template)
            return template.shown()

        return {"LaunchTemplate": await self.state.change(context.scope, request, work)}

    @action("DeleteLaunchTemplate", access=_BY)
    async def delete_launch_template(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete a template with all of its versions.

        Raises:
            Ec2Error: `….NotFound`.
            InvalidParameterCombination, MissingParameter.
        """

        def work(view: View) -> Body:
            template = named(view, request)
            for version in view.of(VERSION, template.id):
                view.remove(version)
            view.remove(template)
            return template.shown()

        return {"LaunchTemplate": await self.state.change(context.scope, request, work)}

    @action("DeleteLaunchTemplateVersions", access=_BY)
    async def delete_launch_template_versions(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        """Delete versions; of each it is told whether it went. The default one stays.

        Raises:
            Ec2Error: `….NotFound`.
            InvalidParameterValue, InvalidParameterCombination, MissingParameter.
        """
        if len(request["Versions"]) > _MOST_DELETED:
            raise InvalidParameterValue(f"At most {_MOST_DELETED} versions can be deleted at once.")

        def work(view: View) -> dict[str, Any]:
            template = named(view, request)
            own = {
                "LaunchTemplateId": template.id,
                "LaunchTemplateName": template.body["LaunchTemplateName"],
            }
            gone, kept = [], []
            for text in dict.fromkeys(request["Versions"]):
                number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
                try:
                    version = version_of(view, template, text)
                except Ec2Error as error:
                    refusal = {"Code": "launchTemplateVersionDoesNotExist", "Message": error.message}
                    kept.append({**own, "VersionNumber": number, "ResponseError": refusal})
                    continue
                if version.body["VersionNumber"] == template.body["DefaultVersionNumber"]:
                    refusal = {"Code": "unexpectedError", "Message": "The default version cannot be deleted."}
                    kept.append({**own, "VersionNumber": number, "ResponseError": refusal})
                    continue
                view.remove(version)
                gone.append({**own, "VersionNumber": version.body["VersionNumber"]})
            return {
                "SuccessfullyDeletedLaunchTemplateVersions": gone,
                "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
            }

        return await self.state.change(context.scope, request, work)

    @staticmethod
    def _data(request: Request) -> Body:
        data: Body = storable(request["LaunchTemplateData"])
        check(data)
        if len(request.get("VersionDescription") or "") > _LONGEST_DESCRIPTION:
            raise InvalidParameterValue(
                f"A version's description has at most {_LONGEST_DESCRIPTION} characters."
            )
        return data

    def _version(
        self, view: View, template: Resource, data: Body, context: RequestContext, request: Request
    ) -> Resource:
        return new_version(
            view,
            template,
            data,
            description=request.get("VersionDescription") or "",
            created_by=context.principal.arn,
            at=self._clock.now(),
        )


def _repeated(view: View, name: str, token: str, data: Body) -> Resource | None:
    """Return the template that the same request made before; None where its client token is new.

    Raises:
        IdempotentParameterMismatch: It was another request.
    """
    for template in view.of(LAUNCH_TEMPLATE, name) if token else ():
        if template.body["clientToken"] == token:
            first = view.find(VERSION, f"{template.id}/1")
            if first is None or first.body["LaunchTemplateData"] != data:
                raise IdempotentParameterMismatch("The client token was used with other parameters before.")
            return template
    return None


def _answered(view: View, template: Resource, data: Body) -> dict[str, Any]:
    found = warnings(view, data)
    return {"LaunchTemplate": template.shown(), **({"Warning": {"Errors": found}} if found else {})}
