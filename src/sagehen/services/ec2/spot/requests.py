"""A Spot request's row: its states and status codes. Pure but for reading and writing rows.

States, codes and messages: documented
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html). The first message is recorded
in public issues, the others are from memory.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sagehen.executors.hardware.instance_types import InstanceType
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.resources.kinds import SPOT_REQUEST
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.view import View

OPEN, ACTIVE, CLOSED, CANCELLED, FAILED = "open", "active", "closed", "cancelled", "failed"
OVER = (CLOSED, CANCELLED, FAILED)
MESSAGES = {
    "pending-evaluation": "Your Spot request has been submitted for review, and is pending evaluation.",
    "not-scheduled-yet": "Your Spot request will not be evaluated until the scheduled date.",
    "price-too-low": "Your Spot request price is lower than required Spot request fulfillment price.",
    "capacity-not-available": "There is no Spot capacity available that matches your request.",
    "limit-exceeded": "Your Spot request exceeds your account's limit of instances.",
    "bad-parameters": "Your Spot request cannot be fulfilled: what it refers to is gone.",
    "schedule-expired": "Your Spot request expired before it was fulfilled.",
    "fulfilled": "Your Spot request is fulfilled.",
    "marked-for-termination": "Your Spot Instance is marked for termination.",
    "canceled-before-fulfillment": "Your Spot request is canceled before it was fulfilled.",
    "request-canceled-and-instance-running": (
        "Your Spot request is canceled, but your Spot Instance is still running."
    ),
    "instance-terminated-by-user": "Your Spot Instance was terminated due to user-initiated termination.",
    "instance-terminated-no-capacity": (
        "Your Spot Instance was terminated because there is no Spot capacity available."
    ),
    "system-error": "There was an unexpected system error.",
}
# Documented: requests are forgotten so long after they are cancelled and their instances terminated.
FORGOTTEN_AFTER = timedelta(hours=4)
# Documented: how long a request is valid by default.
VALID_FOR = timedelta(days=7)
# Ours: an account's quota at AWS is in processors.
MOST_REQUESTS = 100
_DIGITS = 8
_INTERRUPTED = "Server.SpotInstanceTermination"
_ENDED = ("shutting-down", "terminated")


def new_request(
    view: View,
    *,
    specification: Body,
    kind: InstanceType,
    price: str | None,
    type_: str,
    now: datetime,
    tags: dict[str, str],
    more: Body,
) -> Resource:
    """Make the row of a request that is not evaluated yet.

    Args:
        specification: LaunchSpecification, as it is shown.
        price: The most that is paid in an hour; None: the list price, as AWS shows it.
        type_: `one-time` or `persistent`.
        more: Further members.

    Raises:
        Ec2Error: `MaxSpotInstanceCountExceeded`.
    """
    live = [row for row in view.all(SPOT_REQUEST) if row.body["State"] in (OPEN, ACTIVE)]
    if len(live) >= MOST_REQUESTS:
        raise Ec2Error("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
    most = price or (None if kind.usd_per_hour is None else f"{kind.usd_per_hour:.6f}")
    body: Body = {
        "CreateTime": stamp(now),
        "Type": type_,
        "ProductDescription": "Linux/UNIX",
        "InstanceInterruptionBehavior": "terminate",
        "LaunchSpecification": specification,
        **({"SpotPrice": most} if most else {}),
        **more,
    }
    enter(body, OPEN, "pending-evaluation", now)
    # AWS's ids have eight characters, too.
    identifier = f"{SPOT_REQUEST.prefix}-{view.draw('').lstrip('-')[:_DIGITS]}"
    return view.new(SPOT_REQUEST, body, tags=tags, id_member="SpotInstanceRequestId", identifier=identifier)


def enter(body: Body, state: str, code: str, now: datetime) -> None:
    """Enter a state, with the code that says why."""
    body["State"] = state
    body["Status"] = {"Code": code, "Message": MESSAGES[code], "UpdateTime": stamp(now)}


def fulfilled(view: View, request: Resource, instance: Resource, now: datetime) -> None:
    """A machine was started for it."""
    place = instance.body["Placement"]
    request.body |= {
        "InstanceId": instance.id,
        "LaunchedAvailabilityZone": place["AvailabilityZone"],
        "LaunchedAvailabilityZoneId": place["AvailabilityZoneId"],
    }
    request.parent = instance.id
    enter(request.body, ACTIVE, "fulfilled", now)
    view.save(request)
    instance.body["SpotInstanceRequestId"] = request.id
    view.save(instance)


def marked(view: View, instance: Resource, now: datetime) -> None:
    """Its machine was told that it ends."""
    for request in view.of(SPOT_REQUEST, instance.id):
        enter(request.body, request.body["State"], "marked-for-termination", now)
        view.save(request)


def ended(view: View, instance: Resource, now: datetime) -> None:
    """Its machine has ended: a persistent request is open again."""
    reason = (instance.body.get("StateReason") or {}).get("Code", "")
    code = "instance-terminated-by-user"
    if reason == _INTERRUPTED:
        code = "instance-terminated-no-capacity"
    elif reason.startswith("Server."):
        code = "system-error"
    for request in view.of(SPOT_REQUEST, instance.id):
        state = request.body["State"]
        if state == ACTIVE and request.body["Type"] == "persistent":
            for member in ("InstanceId", "LaunchedAvailabilityZone", "LaunchedAvailabilityZoneId"):
                request.body.pop(member, None)
            request.parent = ""
            enter(request.body, OPEN, "pending-evaluation", now)
        else:
            enter(request.body, CLOSED if state == ACTIVE else state, code, now)
        view.save(request)


def cancelled(view: View, request: Resource, now: datetime) -> None:
    """Nobody wants it any more; its machine runs on."""
    state = request.body["State"]
    if state == OPEN:
        enter(request.body, CANCELLED, "canceled-before-fulfillment", now)
    elif state == ACTIVE:
        enter(request.body, CANCELLED, "request-canceled-and-instance-running", now)
    view.save(request)


def forget(view: View, now: datetime) -> None:
    """Remove requests that ended hours ago."""
    for request in view.all(SPOT_REQUEST):
        at = datetime.fromisoformat(request.body["Status"]["UpdateTime"])
        runs = request.body["Status"]["Code"] == "request-canceled-and-instance-running"
        if request.body["State"] in OVER and not runs and now - at >= FORGOTTEN_AFTER:
            view.remove(request)


def due(body: Body, now: datetime) -> str:
    """Return the code of a request that is not to be evaluated now, or ''."""
    begin, end = body.get("ValidFrom"), body.get("ValidUntil")
    if end and now >= datetime.fromisoformat(end):
        return "schedule-expired"
    return "not-scheduled-yet" if begin and now < datetime.fromisoformat(begin) else ""
