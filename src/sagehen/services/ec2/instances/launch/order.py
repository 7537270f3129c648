"""Order: what RunInstances may make, each reference followed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.domain.ports.identity.instance_profiles import InstanceProfile
from sagehen.services.ec2.resources.resource import Body, Resource


@dataclass(frozen=True, slots=True)
class Disk:
    """A volume to be made.

    Args:
        gib: Its size.
        ends_with_it: DeleteOnTermination.
    """

    device: str
    gib: int
    kind: str
    ends_with_it: bool
    snapshot: str = ""
    iops: int | None = None
    throughput: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface.

    Args:
        device: Its index.
        interface_id: One that is there; '' for one of its own.
        groups: Ids; none: the VPC's own.
        keeps: Whether it stays when the instance ends.
    """

    device: int
    subnet: Resource
    interface_id: str = ""
    groups: Sequence[str] = ()
    private_ip: str = ""
    secondary: int = 0
    description: str = ""
    keeps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be made, for each instance alike.

    Args:
        image: As described.
        interfaces: The first one first, which says where the instance is.
        public: Whether it has a public address.
        disks: The root first.
        options: Members of the instance's body that come from the request.
    """

    image: Body
    instance_type: str
    interfaces: Sequence[Interface]
    public: bool = False
    disks: Sequence[Disk] = ()
    profile: InstanceProfile | None = None
    options: Body = field(default_factory=dict)
    instance_tags: Mapping[str, str] = field(default_factory=dict)
    volume_tags: Mapping[str, str] = field(default_factory=dict)
    interface_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def subnet(self) -> Resource:
        return self.interfaces[0].subnet
