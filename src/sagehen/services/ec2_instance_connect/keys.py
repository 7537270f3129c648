"""SendSSHPublicKey.

Source: https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.ports.compute.machines import MachineGone, Machines
from sagehen.services.ec2_instance_connect.errors import EC2InstanceNotFoundException, InvalidArgsException

_TYPES = ("ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")


def on_instance(_: object, context: RequestContext, request: Request) -> Iterator[Access]:
    """The instance, with the user as the condition key `ec2:osuser`."""
    yield Access(
        "ec2-instance-connect:SendSSHPublicKey",
        context.scope.arn("ec2", f"instance/{request['InstanceId']}"),
        {"ec2:osuser": request["InstanceOSUser"]},
    )


class Keys:
    """Keys of people who are about to log in.

    Args:
        machines: What runs.
    """

    def __init__(self, machines: Machines) -> None:
        self._machines = machines

    @operation("SendSSHPublicKey", access=on_instance)
    async def send_ssh_public_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Let a key log in for 60 seconds.

        Raises:
            EC2InstanceNotFoundException, InvalidArgsException.
        """
        instance_id, zone = request["InstanceId"], request.get("AvailabilityZone")
        machine = self._machines.find(context.scope, instance_id)
        if machine is None:
            raise EC2InstanceNotFoundException(f"No running instance {instance_id} was found.")
        if zone and zone != machine.zone:
            raise InvalidArgsException(f"Instance {instance_id} is not in availability zone {zone}.")
        key = checked(request["SSHPublicKey"])
        try:
            self._machines.admit(context.scope, instance_id, request["InstanceOSUser"], key)
        except MachineGone as reason:
            raise EC2InstanceNotFoundException(str(reason)) from None
        return {"RequestId": context.request_id, "Success": True}


def checked(text: str) -> str:
    """Return a public key without its comment: one line, which has no options.

    Raises:
        InvalidArgsException.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    words = text.split()
    if len(text.strip().splitlines()) != 1 or len(words) < 2 or words[0] not in _TYPES:
        raise InvalidArgsException("The SSH public key is not in a form that OpenSSH reads.")
    try:
        load_ssh_public_key(f"{words[0]} {words[1]}".encode())
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidArgsException("The SSH public key is not in a form that OpenSSH reads.") from None
    return f"{words[0]} {words[1]}"
