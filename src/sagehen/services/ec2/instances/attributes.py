"""DescribeInstanceAttribute, ModifyInstanceAttribute, ModifyInstanceMetadataOptions, MonitorInstances.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html and its
neighbours. Sentences of refusals are from memory.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.instance_types.families import family_of
from sagehen.services.ec2.instances import addresses
from sagehen.services.ec2.instances.launch.request import only, user_data
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.limits import type_named
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.network.network_interfaces.making import shown_groups
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import INSTANCE, VOLUME
from sagehen.services.ec2.resources.listing import asked_for
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.volumes.volumes import mappings, volumes_of

# Attribute -> the member of the answer, and how it is shown there.
_SHOWN: dict[str, tuple[str, Callable[[View, Resource], Any]]] = {
    "instanceType": ("InstanceType", lambda _, row: {"Value": row.body["InstanceType"]}),
    "userData": ("UserData", lambda _, row: {"Value": row.body.get("userData")}),
    "disableApiTermination": ("DisableApiTermination", lambda _, row: {"Value": row.body["protected"]}),
    "disableApiStop": ("DisableApiStop", lambda _, row: {"Value": row.body["stopProtected"]}),
    "instanceInitiatedShutdownBehavior": (
        "InstanceInitiatedShutdownBehavior",
        lambda _, row: {"Value": row.body["shutdownBehavior"]},
    ),
    "rootDeviceName": ("RootDeviceName", lambda _, row: {"Value": row.body["RootDeviceName"]}),
    "blockDeviceMapping": ("BlockDeviceMappings", lambda view, row: mappings(view, row.id)),
    "productCodes": ("ProductCodes", lambda _, row: []),
    "sourceDestCheck": ("SourceDestCheck", lambda _, row: {"Value": row.body["SourceDestCheck"]}),
    "groupSet": (
        "Groups",
        lambda view, row: found.body["Groups"] if (found := addresses.interface_of(view, row.body)) else [],
    ),
    "ebsOptimized": ("EbsOptimized", lambda _, row: {"Value": False}),
    "enaSupport": ("EnaSupport", lambda _, row: {"Value": True}),
    "enclaveOptions": ("EnclaveOptions", lambda _, row: {"Enabled": False}),
    "sriovNetSupport": ("SriovNetSupport", lambda _, row: {"Value": "simple"}),
    "kernel": ("KernelId", lambda _, row: {}),
    "ramdisk": ("RamdiskId", lambda _, row: {}),
}
# ModifyInstanceAttribute: an attribute that Attribute and Value name -> the member of that meaning.
_NAMED = {
    "instanceType": "InstanceType",
    "userData": "UserData",
    "disableApiTermination": "DisableApiTermination",
    "disableApiStop": "DisableApiStop",
    "instanceInitiatedShutdownBehavior": "InstanceInitiatedShutdownBehavior",
    "sourceDestCheck": "SourceDestCheck",
}
_CHANGED = (*_NAMED.values(), "Groups", "BlockDeviceMappings")
_NOT_BUILT = ("Kernel", "Ramdisk", "SriovNetSupport", "EbsOptimized", "EnaSupport", "EnclaveOptions")
_OPTIONS: dict[str, tuple[Any, ...]] = {
    "HttpTokens": ("optional", "required"),
    "HttpPutResponseHopLimit": (),
    "HttpEndpoint": ("enabled", "disabled"),
    "HttpProtocolIpv6": ("disabled",),
    "InstanceMetadataTags": ("enabled", "disabled"),
}


class Attributes:
    """What may be changed of machines.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self.state = parts.state
        self._parts = parts

    @action("DescribeInstanceAttribute", access=on("InstanceId"))
    async def describe_attribute(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return one attribute.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`.
            InvalidParameterValue: There is no such attribute.
        """
        attribute = request.get("Attribute") or ""
        if attribute not in _SHOWN:
            raise InvalidParameterValue(f"Value ({attribute[:64]}) for parameter attribute is invalid.")
        member, show = _SHOWN[attribute]

        def work(view: View) -> dict[str, Any]:
            row = view.get(INSTANCE, request["InstanceId"])
            return {"InstanceId": row.id, member: show(view, row)}

        return await self.state.read(context.scope, work)

    @action("ModifyInstanceAttribute", access=on("InstanceId", "Groups", attributes=tuple(_NAMED.values())))
    async def modify_attribute(self, context: RequestContext, request: Request) -> None:
        """Change one attribute.

        Raises:
            Ec2Error: `….NotFound`, `IncorrectInstanceState`: type and user data change while it is stopped.
            InvalidParameterValue, InvalidParameterCombination.
            NotImplementedOperation: Other attributes.
        """
        refuse_unbuilt(request, _NOT_BUILT)
        if (attribute := request.get("Attribute")) is not None:
            if attribute not in _NAMED and attribute != "blockDeviceMapping":
                refuse_unbuilt({attribute: True}, (attribute,))
            if attribute in _NAMED:
                request = {**request, _NAMED[attribute]: _of_text(attribute, request.get("Value") or "")}
        elif request.get("Value") is not None:
            raise InvalidParameterCombination("The parameter value cannot be used without attribute.")
        members = [member for member in _CHANGED if request.get(member) is not None]
        if len(members) != 1:
            raise InvalidParameterCombination(
                "Fields for multiple attribute types specified" if members else "No attributes specified."
            )
        member, value = members[0], request[members[0]]
        if isinstance(value, dict):
            value = value.get("Value")

        def work(view: View) -> None:
            row = view.get(INSTANCE, request["InstanceId"])
            if states.name_of(row.body) in ("shutting-down", "terminated"):
                raise Ec2Error(
                    "IncorrectInstanceState",
                    f"The instance '{row.id}' is not in a state that can be modified.",
                )
            _change(view, row, member, value)
            view.save(row)

        await self.state.change(context.scope, request, work)
        self._parts.watch(context.scope, request["InstanceId"])

    @action("ModifyInstanceMetadataOptions", access=on("InstanceId", attributes=tuple(_OPTIONS)))
    async def modify_metadata_options(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Change what the metadata service of a machine answers; at once.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`.
            InvalidParameterValue: HttpPutResponseHopLimit is not from 1 to 64.
            NotImplementedOperation: IPv6.
        """
        given = {name: request[name] for name in _OPTIONS if request.get(name) is not None}
        only("MetadataOptions", given, _OPTIONS)
        if not 1 <= given.get("HttpPutResponseHopLimit", 1) <= 64:
            raise InvalidParameterValue("HttpPutResponseHopLimit is from 1 to 64.")

        def work(view: View) -> Body:
            row = view.get(INSTANCE, request["InstanceId"])
            row.body["MetadataOptions"] |= given
            view.save(row)
            options: Body = row.body["MetadataOptions"]
            return options

        options = await self.state.change(context.scope, request, work)
        self._parts.watch(context.scope, request["InstanceId"])
        # Documented: it takes a moment, which clients wait for.
        return {
            "InstanceId": request["InstanceId"],
            "InstanceMetadataOptions": {**options, "State": "pending"},
        }

    @action("MonitorInstances", access=on("InstanceIds"))
    async def monitor_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Publish metrics each minute from now on."""
        return await self._monitoring(context, request, "enabled")

    @action("UnmonitorInstances", access=on("InstanceIds"))
    async def unmonitor_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take that back: what AWS would charge for; metrics come each minute all the same."""
        return await self._monitoring(context, request, "disabled")

    async def _monitoring(self, context: RequestContext, request: Request, word: str) -> dict[str, Any]:
        refuse_unbuilt(request, ("MetricCategoryIds",))
        if not request.get("InstanceIds"):
            raise MissingParameter("InstanceId")

        def work(view: View) -> list[dict[str, Any]]:
            found = asked_for(view, INSTANCE, request["InstanceIds"])
            for row in found:
                row.body["Monitoring"] = {"State": word}
                view.save(row)
            return [{"InstanceId": row.id, "Monitoring": {"State": word}} for row in found]

        return {"InstanceMonitorings": await self.state.change(context.scope, request, work)}


def _of_text(attribute: str, text: str) -> Any:
    if attribute in ("disableApiTermination", "disableApiStop", "sourceDestCheck"):
        if text.lower() not in ("true", "false"):
            raise InvalidParameterValue(f"Value ({text[:64]}) for parameter {attribute} is invalid.")
        return {"Value": text.lower() == "true"}
    return {"Value": text.encode() if attribute == "userData" else text}


def _change(view: View, row: Resource, member: str, value: Any) -> None:
    body = row.body
    match member:
        case "InstanceType" | "UserData":
            if states.name_of(body) != "stopped":
                raise Ec2Error(
                    "IncorrectInstanceState", f"The instance '{row.id}' is not in the 'stopped' state."
                )
            if member == "UserData":
                body["userData"] = _user_data(value)
                return
            kind = type_named(value or "")
            if family_of(kind.name).architecture != body["Architecture"]:
                raise InvalidParameterValue(
                    f"The architecture of {kind.name} is not that of the instance's image."
                )
            body["InstanceType"] = kind.name
        case "DisableApiTermination":
            body["protected"] = bool(value)
        case "DisableApiStop":
            body["stopProtected"] = bool(value)
        case "InstanceInitiatedShutdownBehavior":
            if value not in ("stop", "terminate"):
                raise InvalidParameterValue(
                    f"Value ({str(value)[:64]}) for parameter instanceInitiatedShutdownBehavior is invalid."
                )
            body["shutdownBehavior"] = value
        case _:
            _change_part(view, row, member, value)


def _change_part(view: View, row: Resource, member: str, value: Any) -> None:
    """Change what the interface or the volumes of an instance know."""
    interface = addresses.interface_of(view, row.body)
    assert interface is not None
    if member in ("SourceDestCheck", "Groups") and addresses.further_interfaces(view, row.body):
        # Recorded in public issues.
        raise Ec2Error(
            "InvalidInstanceID",
            f"There are multiple interfaces attached to instance '{row.id}'. Please specify an interface ID "
            "for the operation instead.",
        )
    if member == "SourceDestCheck":
        row.body["SourceDestCheck"] = interface.body["SourceDestCheck"] = bool(value)
        view.save(interface)
    elif member == "Groups":
        interface.body["Groups"] = shown_groups(view, interface.body["VpcId"], value)
        view.save(interface)
    else:
        for mapping in value:
            ebs = mapping.get("Ebs") or {}
            refuse_unbuilt(mapping, ("NoDevice", "VirtualName"))
            refuse_unbuilt(ebs, ("VolumeId",))
            found = [
                volume
                for volume in volumes_of(view, row.id)
                if volume.body["Attachments"][0]["Device"] == mapping.get("DeviceName")
            ]
            if not found:
                raise VOLUME.not_found(str(mapping.get("DeviceName"))[:64])
            delete = ebs.get("DeleteOnTermination")
            if delete is not None:
                found[0].body["Attachments"][0]["DeleteOnTermination"] = delete
                view.save(found[0])


def _user_data(value: Any) -> str:
    """Return user data as it is kept, in base64; the model hands over what it has decoded."""
    content = value if isinstance(value, bytes) else str(value or "").encode()
    if isinstance(value, str):
        return base64.b64encode(user_data(value)).decode()
    return base64.b64encode(user_data(base64.b64encode(content).decode())).decode()
