"""The document of the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sagehen.console.documents.asking import Ask, Seen
from sagehen.console.documents.chain.graph import node_id
from sagehen.console.documents.chain.health import Traffic, nodes
from sagehen.console.documents.chain.links import INVOKE, links
from sagehen.console.documents.chain.scene import Scene, look
from sagehen.console.documents.metrics import Metric, totals
from sagehen.console.documents.times import iso
from sagehen.domain.access import Access
from sagehen.domain.ports.identity.access_journal import AccessJournal, RefusedAccess
from sagehen.domain.ports.identity.role_rights import RoleRights

_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Chain:
    """Makes the document.

    Args:
        rights: What roles may do.
        journal: What they were refused, and what they called.
    """

    rights: RoleRights
    journal: AccessJournal

    async def __call__(self, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return nodes and links of the account's resources in one region."""
        seen = Seen(ask)
        scene = await look(seen)
        refusals = self._refusals(seen)
        invoking = self._invoking(seen, scene, refusals)
        found = links(scene, _Judge(seen, self.rights), invoking)
        made = nodes(scene, found, await traffic(seen, scene), refusals)
        return {
            "now": iso(ask.now),
            "region": ask.scope.region,
            "nodes": [node.told() for node in made],
            "links": [link.told() for link in found],
            **seen.lacks(),
        }

    def _refusals(self, seen: Seen) -> Sequence[RefusedAccess]:
        if not seen.allows("sagehen:ListRefusals"):
            return ()
        return self.journal.refusals(seen.ask.scope.account_id)

    def _invoking(self, seen: Seen, scene: Scene, refusals: Sequence[RefusedAccess]) -> frozenset[str]:
        tried = {one.principal.role_arn for one in refusals if one.access.action == INVOKE}
        told = seen.allows("sagehen:ListCalledActions")
        roles = {function.get("Role") or "" for function in scene.functions if told}
        account_id = seen.ask.scope.account_id
        called = {
            role
            for role in roles
            for used in self.journal.called(account_id, "role", role.rpartition("/")[2]) or ()
            if used.action == INVOKE
        }
        return frozenset(role for role in (*tried, *called) if role)


class _Judge:
    """Asks what roles may do, once each, for who may simulate their policies."""

    def __init__(self, seen: Seen, rights: RoleRights) -> None:
        self._seen = seen
        self._rights = rights
        self._known: dict[tuple[str, str, str], bool | None] = {}

    def __call__(self, role: str, action: str, resource: str) -> bool | None:
        key = (role, action, resource)
        if key not in self._known:
            may_ask = self._seen.allows("iam:SimulatePrincipalPolicy", role)
            self._known[key] = self._rights.may(role, Access(action, resource)) if may_ask else None
        return self._known[key]


async def traffic(seen: Seen, scene: Scene) -> Mapping[str, Traffic]:
    """Return what came to endpoints, functions and APIs since the minute before this one began."""
    now = seen.ask.now
    start = now.replace(second=0, microsecond=0) - timedelta(seconds=_MINUTE_S)
    asked: list[tuple[str, str, Metric]] = []
    for endpoint in scene.endpoints:
        me = node_id("endpoint", endpoint["EndpointName"])
        for variant in endpoint.get("ProductionVariants") or ():
            names = {"EndpointName": endpoint["EndpointName"], "VariantName": variant["VariantName"]}
            asked += _counted(me, "AWS/SageMaker", names, ("Invocations", "Invocation5XXErrors", ""))
    for function in scene.functions:
        me, names = node_id("function", function["FunctionName"]), {"FunctionName": function["FunctionName"]}
        asked += _counted(me, "AWS/Lambda", names, ("Invocations", "Errors", "Throttles"))
    for api in scene.apis:
        asked += _counted(
            node_id("api", api["id"]), "AWS/ApiGateway", {"ApiName": api["name"]}, ("Count", "5XXError", "")
        )
    if not asked:
        return {}
    sums = await totals(seen, [metric for _, _, metric in asked], start, now, _MINUTE_S)
    if "cloudwatch:GetMetricData" in seen.hidden:
        return {}
    counts: dict[str, dict[str, float]] = {}
    for (me, what, _), value in zip(asked, sums, strict=True):
        of_node = counts.setdefault(me, {})
        of_node[what] = of_node.get(what, 0.0) + (value or 0.0)
    seconds = (now - start).total_seconds()
    return {me: Traffic(**values, seconds=seconds) for me, values in counts.items()}


def _counted(
    me: str, namespace: str, dimensions: Mapping[str, str], names: Sequence[str]
) -> list[tuple[str, str, Metric]]:
    fields = ("requests", "failed", "throttled")
    return [
        (me, field, Metric(namespace, name, dimensions))
        for field, name in zip(fields, names, strict=True)
        if name
    ]
