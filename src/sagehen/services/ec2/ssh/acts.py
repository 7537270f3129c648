"""`sagehen ssh`: the operator is let in, and told the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.ssh.door import SSH
from sagehen.services.ec2.ssh.doors import MachineDoors


class SshActs:
    """The operator's acts on doors; see `domain.ports.calls.operator_acts`.

    Args:
        doors: Of all machines.
    """

    def __init__(self, doors: MachineDoors) -> None:
        self._doors = doors

    async def ssh(self, scope: Scope, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let a public key log in for a minute as the instance's default user; return where.

        Args:
            request: `InstanceId`, `PublicKey`.

        Raises:
            InvalidInstanceID.NotFound: No such instance runs.
            ValidationException: It has no address, or the key is none.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_ssh_public_key

        instance_id, key = str(request.get("InstanceId")), str(request.get("PublicKey"))
        door = self._doors.find(scope, instance_id)
        if door is None:
            raise Ec2Error("InvalidInstanceID.NotFound", f"No instance {instance_id[:32]} runs here.")
        if door.wanted.address is None:
            raise ValidationException(f"{instance_id} has no public address: nobody reaches it from outside.")
        try:
            load_ssh_public_key(key.encode())
        except (ValueError, UnsupportedAlgorithm):
            raise ValidationException("PublicKey is not in a form that OpenSSH reads.") from None
        door.pushed.push(door.wanted.default_user, " ".join(key.split()[:2]))
        return {
            "Address": door.wanted.address,
            "Port": door.port,
            "User": door.wanted.default_user,
            "HostKey": self._doors.host_key(instance_id),
        }

    async def ssh_ports(self, scope: Scope, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return at which port SSH of each machine is reached, where that is not 22."""
        doors = [door for door in self._doors.all(scope) if door.wanted.address is not None]
        return {"Ports": {door.wanted.instance_id: door.port for door in doors if door.port != SSH}}
