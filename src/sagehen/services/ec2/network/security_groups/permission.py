"""Permission: one rule of a group, and how requests and answers write such.

A request's IpPermissions name a protocol and ports with many sources; each source is a rule of its own
here, as it has an id of its own. Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Network
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.ec2.errors import InvalidParameterValue, MissingParameter
from sagehen.services.ec2.network.blocks import block

# The names that EC2 shows for these numbers; of other protocols it shows the number.
_NAMES = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
ANY = "-1"
_PORTED = ("tcp", "udp")
_LAST_PORT = 65535
_LAST_PROTOCOL = 255
_LONGEST_DESCRIPTION = 255
_DESCRIPTION_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-:/()#,@[]+=&;{}!$*"
)


@dataclass(frozen=True, slots=True)
class Permission:
    """One rule.

    Args:
        protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
        first, last: Ports; type and code for ICMP; -1 for all.
        cidr, cidr6: The block that may send, or be sent to.
        group_id: Instead of a block: machines of that group.
        description: Of no effect.
    """

    protocol: str
    first: int = -1
    last: int = -1
    cidr: str = ""
    cidr6: str = ""
    group_id: str = ""
    description: str = ""

    @property
    def bare(self) -> Permission:
        """The same without its description: two rules that differ in it alone are one."""
        return replace(self, description="")

    @property
    def peer(self) -> str:
        return self.cidr or self.cidr6 or self.group_id

    def __str__(self) -> str:
        ports = "" if self.protocol == ANY else f", from port: {self.first}, to port: {self.last}"
        name = "ALL" if self.protocol == ANY else self.protocol.upper()
        return f'"peer: {self.peer}, {name}{ports}, ALLOW"'


def described(text: str | None) -> str:
    """Check the description of a rule.

    Raises:
        InvalidParameterValue.
    """
    if not text:
        return ""
    if len(text) > _LONGEST_DESCRIPTION or not _DESCRIPTION_CHARACTERS.issuperset(text):
        raise InvalidParameterValue(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the "
            "following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )
    return text


def made(protocol: str | None, first: int | None, last: int | None, **source: str) -> Permission:
    """Return a rule of parts as requests have them.

    Raises:
        InvalidParameterValue, MissingParameter.
    """
    name = protocol_name(protocol)
    first, last = _ports(name, first, last)
    description = described(source.pop("description", ""))
    if cidr := source.get("cidr"):
        source["cidr"] = _block(cidr)
    if cidr6 := source.get("cidr6"):
        source["cidr6"] = _block6(cidr6)
    return Permission(name, first, last, description=description, **source)


def _block(text: str) -> str:
    try:
        return str(block(text, "cidrIp"))
    except InvalidParameterValue:
        raise InvalidParameterValue(f"CIDR block {text[:64]} is malformed") from None


def _block6(text: str) -> str:
    try:
        if "/" not in text or len(text) > 64:
            raise ValueError(text)
        return str(IPv6Network(text, strict=False))
    except ValueError:
        raise InvalidParameterValue(f"CIDR block {text[:64]} is malformed") from None


def protocol_name(text: str | None) -> str:
    """Return a protocol as EC2 shows it.

    Raises:
        InvalidParameterValue, MissingParameter.
    """
    if not text:
        raise MissingParameter("ipProtocol")
    lowered = text.lower()
    if lowered in ("all", ANY):
        return ANY
    if lowered in _NAMES.values():
        return lowered
    if lowered.isascii() and lowered.isdigit() and len(lowered) < 4 and int(lowered) <= _LAST_PROTOCOL:
        return _NAMES.get(str(int(lowered)), str(int(lowered)))
    raise InvalidParameterValue(f"Invalid value '{text[:64]}' for IP protocol. Unknown protocol.")


def _ports(protocol: str, first: int | None, last: int | None) -> tuple[int, int]:
    if protocol in _PORTED:
        if first is None or last is None:
            raise InvalidParameterValue(
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
            )
        if first == last == -1:
            return 0, _LAST_PORT
        for port in (first, last):
            if not 0 <= port <= _LAST_PORT:
                raise InvalidParameterValue(f"TCP/UDP port ({port}) out of range")
        if first > last:
            raise InvalidParameterValue(f"Invalid TCP/UDP port range ({first}:{last})")
        return first, last
    if protocol in ("icmp", "icmpv6"):
        kind, code = -1 if first is None else first, -1 if last is None else last
        for number, what in ((kind, "type"), (code, "code")):
            if not -1 <= number <= _LAST_PROTOCOL:
                raise InvalidParameterValue(f"ICMP {what} ({number}) out of range")
        return kind, code
    return -1, -1


def read(permissions: Sequence[Mapping[str, Any]]) -> Iterator[Permission]:
    """Yield the rules of IpPermissions; groups are as they are named there, by id or `name:…`.

    Raises:
        InvalidParameterValue, MissingParameter.
        NotImplementedOperation: Prefix lists.
    """
    for item in permissions:
        if item.get("PrefixListIds"):
            raise NotImplementedOperation("Sagehen does not implement prefix lists of EC2.")
        sources = list(_sources(item))
        if not sources:
            raise MissingParameter("sources of the permission: IpRanges, Ipv6Ranges or UserIdGroupPairs")
        for source in sources:
            yield made(item.get("IpProtocol"), item.get("FromPort"), item.get("ToPort"), **source)


def count_sources(item: Mapping[str, Any]) -> int:
    """Return how many sources an element of IpPermissions names, without reading any."""
    return sum(len(item.get(member) or ()) for member in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs"))


def _sources(item: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for source in item.get("IpRanges") or ():
        yield {"cidr": source.get("CidrIp") or "?", "description": source.get("Description") or ""}
    for source in item.get("Ipv6Ranges") or ():
        yield {"cidr6": source.get("CidrIpv6") or "?", "description": source.get("Description") or ""}
    for source in item.get("UserIdGroupPairs") or ():
        name = source.get("GroupId") or f"name:{source.get('GroupName') or ''}"
        yield {"group_id": name, "description": source.get("Description") or ""}


def written(rules: Iterable[Permission], account_id: str) -> list[dict[str, Any]]:
    """Return rules as IpPermissions: those of one protocol and one range of ports together."""
    grouped: dict[tuple[str, int, int], dict[str, Any]] = {}
    for rule in rules:
        key = rule.protocol, rule.first, rule.last
        item = grouped.get(key)
        if item is None:
            ports = {} if rule.protocol == ANY else {"FromPort": rule.first, "ToPort": rule.last}
            empty: dict[str, list[Any]] = {
                "IpRanges": [],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            }
            item = grouped[key] = {"IpProtocol": rule.protocol, **ports, **empty}
        described_so = {"Description": rule.description} if rule.description else {}
        if rule.cidr:
            item["IpRanges"].append({"CidrIp": rule.cidr, **described_so})
        elif rule.cidr6:
            item["Ipv6Ranges"].append({"CidrIpv6": rule.cidr6, **described_so})
        else:
            item["UserIdGroupPairs"].append({"GroupId": rule.group_id, "UserId": account_id, **described_so})
    return list(grouped.values())
