"""Admission: from what is asked for to an order; whatever speaks against it is told here.

Sentences of refusals are from memory.
"""

from __future__ import annotations

import base64

from sagehen.api.context import RequestContext
from sagehen.domain.arn import Arn
from sagehen.domain.ports.identity.instance_profiles import InstanceProfile
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from sagehen.services.ec2.images.creation import require_available
from sagehen.services.ec2.images.finding import find as find_image
from sagehen.services.ec2.instance_types.families import family_of
from sagehen.services.ec2.instance_types.spot import spot_price
from sagehen.services.ec2.instances.launch.disks import disks_in
from sagehen.services.ec2.instances.launch.interfaces import (
    DEFAULT_TYPE,
    further_interface,
    interfaces_in,
    ordered,
)
from sagehen.services.ec2.instances.launch.order import Order
from sagehen.services.ec2.instances.launch.request import tags_for, user_data
from sagehen.services.ec2.instances.limits import type_named
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.key_pairs.pairs import named as key_pair
from sagehen.services.ec2.resources.kinds import (
    INSTANCE,
    NETWORK_INTERFACE,
    VOLUME,
)
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import checked

_RESOLVED = "resolve:ssm:"
_EC2 = "ec2.amazonaws.com"


def image_id(text: str, scope: Scope, needs: MachineNeeds) -> str:
    """Return the id that ImageId means: itself, or what a parameter of Systems Manager holds.

    Raises:
        Ec2Error: `InvalidParameterValue`.
    """
    if not text.startswith(_RESOLVED):
        return text
    name = text.removeprefix(_RESOLVED)
    found = needs.parameters.text(scope, name) if needs.parameters else None
    if found is None:
        raise Ec2Error("InvalidParameterValue", f"The parameter {name[:128]} could not be resolved.")
    return found.strip()


def profile_of(asked: Body, context: RequestContext, needs: MachineNeeds) -> InstanceProfile | None:
    """Return the instance profile that is named, once its role may be passed to EC2.

    Raises:
        Ec2Error: `InvalidParameterValue`: there is none, or no role is in it, or EC2 may not assume it.
        InvalidParameterCombination: Both name and ARN.
        AccessDenied: Who asks may not pass the role.
    """
    named = asked.get("IamInstanceProfile") or {}
    name, arn = named.get("Name") or "", named.get("Arn") or ""
    if name and arn:
        raise InvalidParameterCombination("The parameter 'name' cannot be used with the parameter 'arn'.")
    if not name and not arn:
        return None
    account = context.scope.account_id
    if arn:
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            parsed = None
        if parsed is not None and parsed.service == "iam" and parsed.account_id == account:
            name = parsed.resource.rpartition("/")[2]
    found = needs.profiles.find(account, name) if name else None
    if found is None or (arn and found.arn != arn):
        what, text = ("iamInstanceProfile.arn", arn) if arn else ("iamInstanceProfile.name", name)
        raise Ec2Error(
            "InvalidParameterValue",
            f"Value ({text[:128]}) for parameter {what} is invalid. Invalid IAM Instance Profile "
            f"{'ARN' if arn else 'name'}",
        )
    if not found.role_arn:
        raise Ec2Error(
            "InvalidParameterValue", f"IAM Instance Profile {found.arn} has no associated IAM Roles"
        )
    needs.roles.require_pass_role(context.principal, found.role_arn, _EC2, context.condition_keys())
    if not needs.roles.can_be_assumed_by(found.role_arn, _EC2):
        raise Ec2Error(
            "InvalidParameterValue",
            f"IAM Instance Profile {found.arn} has a role that ec2.amazonaws.com may not assume",
        )
    return found


def order(view: View, asked: Body, image: str, profile: InstanceProfile | None) -> Order:
    """Follow every reference.

    Args:
        asked: As `request.merged` made it.
        image: The id of the image.

    Raises:
        Ec2Error, InvalidParameterValue, InvalidParameterCombination, TagLimitExceeded.
        NotImplementedOperation: What is not built.
    """
    kind = type_named(asked.get("InstanceType") or DEFAULT_TYPE)
    found = find_image(view, image)
    require_available(found)
    if found["Architecture"] != family_of(kind.name).architecture:
        raise InvalidParameterValue(
            f"The architecture '{family_of(kind.name).architecture}' of the specified instance type does not "
            f"match the architecture '{found['Architecture']}' of the specified AMI. Specify an instance "
            "type and an AMI that have matching architectures, and try again."
        )
    options: Body = {}
    if name := asked.get("KeyName"):
        key_pair(view, name)
        options["KeyName"] = name
    if (text := asked.get("UserData")) is not None:
        options["userData"] = base64.b64encode(user_data(text)).decode()
    if market := asked.get("InstanceMarketOptions"):
        _require_price(market, spot_price(kind))
        options["InstanceLifecycle"] = "spot"
    interface, *others = interfaces_in(asked)
    first = ordered(view, asked, interface)
    zone = first.subnet.body["AvailabilityZone"]
    public = interface.get("AssociatePublicIpAddress")
    if others:  # documented: AWS gives an address to a single new interface alone
        public = False
    return Order(
        image=found,
        instance_type=kind.name,
        interfaces=[first, *(further_interface(view, asked, each, zone) for each in others)],
        public=bool(first.subnet.body["MapPublicIpOnLaunch"] if public is None else public),
        disks=disks_in(view, found, asked.get("BlockDeviceMappings") or ()),
        profile=profile,
        options=options,
        instance_tags=checked(tags_for(asked, INSTANCE.name)),
        volume_tags=checked(tags_for(asked, VOLUME.name)),
        interface_tags=checked(tags_for(asked, NETWORK_INTERFACE.name)),
    )


def _require_price(market: Body, price: str | None) -> None:
    """Refuse a Spot instance whose highest price is below today's."""
    most = (market.get("SpotOptions") or {}).get("MaxPrice")
    if most is not None and price is not None and float(most) < float(price):
        raise Ec2Error(
            "SpotMaxPriceTooLow",
            f"Your Spot request price of {most} is lower than the minimum required Spot request "
            f"fulfillment price of {price}.",
        )
