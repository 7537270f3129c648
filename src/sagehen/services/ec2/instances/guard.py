"""InstanceGuard: whether security groups let somebody into a machine. Implements GroupRules."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from ipaddress import ip_address

from sagehen.domain.scope import Scope
from sagehen.services.ec2.instances.addresses import interface_of
from sagehen.services.ec2.network.security_groups.decision import allows
from sagehen.services.ec2.network.security_groups.groups import rules
from sagehen.services.ec2.network.security_groups.permission import ANY, Permission
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View

_EVERYWHERE = "0.0.0.0/0"


class InstanceGuard:
    """Looks at the rules as they are at the moment of each connection.

    Args:
        state: Where groups are.
        scope_of: Whose an instance is.
    """

    def __init__(self, state: State, scope_of: Callable[[str], Scope | None]) -> None:
        self._state = state
        self._scope_of = scope_of

    def allows(self, instance_id: str, source: str, port: int) -> bool:
        """Tell whether a TCP connection from an address reaches a port of an instance now."""
        scope = self._scope_of(instance_id)
        if scope is None:
            return False
        view = self._state.view(scope)
        ingress = _ingress(view, instance_id)
        senders = {
            group
            for row in view.all(INSTANCE)
            if source in (row.body.get("publicIp"), row.body.get("PrivateIpAddress"))
            for group in _groups(view, row.id)
        }
        if not senders and ip_address(source).is_loopback:
            # This machine's own user, whose address elsewhere people write into rules (`203.0.113.7/32`):
            # whoever a rule lets in by an address, it lets in.
            return any(
                (rule.cidr or rule.cidr6)
                and allows(
                    [replace(rule, cidr=_EVERYWHERE, cidr6="")], protocol="tcp", port=port, address=source
                )
                for rule in ingress
            )
        return allows(ingress, protocol="tcp", port=port, address=source, groups=senders)

    def ports(self, instance_id: str) -> Collection[tuple[int, int]]:
        """Return the first and last TCP port of each rule that lets anybody in; (0, 65535) for all."""
        scope = self._scope_of(instance_id)
        found = _ingress(self._state.view(scope), instance_id) if scope else ()
        return {
            (0, 65535) if rule.protocol == ANY or rule.first == -1 else (rule.first, rule.last)
            for rule in found
            if rule.protocol in (ANY, "tcp")
        }


def _ingress(view: View, instance_id: str) -> list[Permission]:
    return [rule for group in _groups(view, instance_id) for _, rule in rules(view, group, egress=False)]


def _groups(view: View, instance_id: str) -> list[str]:
    row = view.find(INSTANCE, instance_id)
    interface = interface_of(view, row.body) if row else None
    return [group["GroupId"] for group in interface.body["Groups"]] if interface else []
