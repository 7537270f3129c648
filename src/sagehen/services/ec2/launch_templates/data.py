"""What may be in a launch template: checked as far as AWS does when one is made, and warned of beyond that.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html (Warning)
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterCombination, InvalidParameterValue
from sagehen.services.ec2.images.finding import find as find_image
from sagehen.services.ec2.instance_types.operations import ec2_types
from sagehen.services.ec2.instance_types.requirements import check as check_requirements
from sagehen.services.ec2.key_pairs.pairs import named as key_pair
from sagehen.services.ec2.resources.kinds import NETWORK_INTERFACE, SECURITY_GROUP, SUBNET, Kind
from sagehen.services.ec2.resources.resource import Body, stamp
from sagehen.services.ec2.resources.view import View

# Documented: of user data, before base64.
_MOST_USER_DATA = 16 * 1024
# Ours, of a version's data as JSON: user data and a hundred volumes and interfaces.
_MOST_CHARACTERS = 128 * 1024
# SSM's parameters that hold an image's id, resolved when a machine is started.
_RESOLVED = "resolve:ssm:"


def storable(data: Any) -> Any:
    """Return data with dates as texts."""
    if isinstance(data, dict):
        return {name: storable(value) for name, value in data.items()}
    if isinstance(data, list):
        return [storable(value) for value in data]
    return stamp(data) if isinstance(data, datetime) else data


def check(data: Body) -> None:
    """Refuse data that cannot be.

    Raises:
        InvalidParameterCombination, InvalidParameterValue.
        Ec2Error: `InvalidUserData.Malformed`.
        NotImplementedOperation: Requirements that cannot be told from the catalogue.
    """
    if len(json.dumps(data)) > _MOST_CHARACTERS:
        raise InvalidParameterValue(f"Launch template data is limited to {_MOST_CHARACTERS} characters")
    if data.get("InstanceType") and data.get("InstanceRequirements"):
        raise InvalidParameterCombination(
            "InstanceType and InstanceRequirements cannot be specified together."
        )
    if data.get("NetworkInterfaces") and (data.get("SecurityGroupIds") or data.get("SecurityGroups")):
        raise InvalidParameterCombination(
            "Network interfaces and an instance-level security groups may not be specified on the same "
            "request"
        )
    if data.get("InstanceRequirements"):
        check_requirements(data["InstanceRequirements"])
    if user_data := data.get("UserData"):
        try:
            size = len(base64.b64decode("".join(user_data.split()), validate=True))
        except (ValueError, binascii.Error):
            raise Ec2Error("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from None
        if size > _MOST_USER_DATA:
            raise InvalidParameterValue(f"User data is limited to {_MOST_USER_DATA} bytes")


def warnings(view: View, data: Body) -> list[dict[str, str]]:
    """Return what RunInstances would refuse of data, as AWS warns of it: code and message."""
    found = []
    for look in _looks(view, data):
        try:
            look()
        except ServiceError as error:
            found.append({"Code": error.code, "Message": error.message})
    return found


def _looks(view: View, data: Body) -> Iterator[Callable[[], object]]:
    if (kind := data.get("InstanceType")) and kind not in ec2_types():
        yield lambda: _refuse("InvalidParameterValue", f"Invalid value '{kind}' for InstanceType.")
    image = data.get("ImageId") or ""
    if image and not image.startswith(_RESOLVED):
        yield lambda: find_image(view, image)
    if name := data.get("KeyName"):
        yield lambda: key_pair(view, name)
    groups = [*(data.get("SecurityGroupIds") or ())]
    for interface in data.get("NetworkInterfaces") or ():
        groups += interface.get("Groups") or ()
        yield from _there(view, SUBNET, interface.get("SubnetId"))
        yield from _there(view, NETWORK_INTERFACE, interface.get("NetworkInterfaceId"))
    for group in dict.fromkeys(groups):
        yield from _there(view, SECURITY_GROUP, group)


def _there(view: View, kind: Kind, identifier: str | None) -> Iterator[Callable[[], object]]:
    if identifier:
        yield lambda: view.get(kind, identifier)


def _refuse(code: str, message: str) -> None:
    raise Ec2Error(code, message)
