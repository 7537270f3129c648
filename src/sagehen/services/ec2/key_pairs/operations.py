"""CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPair.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html and its neighbours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.ec2.errors import MissingParameter
from sagehen.services.ec2.key_pairs.half import ED25519, RSA, PublicHalf
from sagehen.services.ec2.key_pairs.pairs import check_name, find, named, require_free
from sagehen.services.ec2.resources.access import on, request_tags, tag_keys, tagging
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.filters import select
from sagehen.services.ec2.resources.kinds import KEY_PAIR
from sagehen.services.ec2.resources.listing import asked_for
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given

_FILTERS = {"key-pair-id": "KeyPairId", "fingerprint": "KeyFingerprint", "key-name": "KeyName"}


def _makes_one(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    scope = context.scope
    keys = {"ec2:Region": scope.region, **tag_keys(request_tags(request, KEY_PAIR))}
    if context.operation == "CreateKeyPair":
        keys["ec2:KeyPairType"] = request.get("KeyType") or RSA
    yield Access(f"ec2:{context.operation}", scope.arn("ec2", f"key-pair/{request['KeyName']}"), keys)
    yield from tagging(context, request)


class KeyPairs:
    """Key pairs.

    Args:
        state: Where resources are.
        clock: Dates them.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self.state = state
        self._clock = clock

    @action("CreateKeyPair", access=_makes_one)
    async def create_key_pair(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a pair and hand out its private half, which is not kept.

        Raises:
            Ec2Error: `InvalidKeyPair.Duplicate`, `KeyPairLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded.
        """
        from sagehen.services.ec2.key_pairs.material import generate, half_of, pem, ppk

        name = request["KeyName"]
        check_name(name)
        tags = given(request, KEY_PAIR)
        # Making an RSA key is work: not for a name that is taken.
        await self.state.read(context.scope, lambda view: require_free(view, name))
        key = await asyncio.to_thread(generate, request.get("KeyType") or RSA)
        made = await self._keep(context, request, half_of(key), tags)
        material = ppk(key, name) if request.get("KeyFormat") == "ppk" else pem(key)
        return {**_shown(made), "KeyMaterial": material}

    @action("ImportKeyPair", access=_makes_one)
    async def import_key_pair(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Keep the public half of a pair that somebody has.

        Raises:
            Ec2Error: `InvalidKey.Format`, `InvalidKeyPair.Duplicate`, `KeyPairLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded.
        """
        from sagehen.services.ec2.key_pairs.material import imported

        check_name(request["KeyName"])
        tags = given(request, KEY_PAIR)
        return _shown(await self._keep(context, request, imported(request["PublicKeyMaterial"]), tags))

    @action("DescribeKeyPairs")
    async def describe_key_pairs(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return all pairs, or those that are named.

        Raises:
            Ec2Error: `InvalidKeyPair.NotFound`.
            InvalidParameterValue, FilterLimitExceeded.
        """

        def work(view: View) -> list[Body]:
            names, ids = request.get("KeyNames") or (), request.get("KeyPairIds")
            found = [named(view, name) for name in dict.fromkeys(names)]
            if ids or not names:
                found += asked_for(view, KEY_PAIR, ids)
            described = [item.shown() for item in {item.id: item for item in found}.values()]
            if not request.get("IncludePublicKey"):
                for item in described:
                    del item["PublicKey"]
            return select(described, request.get("Filters"), _FILTERS)

        return {"KeyPairs": await self.state.read(context.scope, work)}

    @action("DeleteKeyPair", access=on("KeyName", "KeyPairId"))
    async def delete_key_pair(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete a pair; one that is not there is no fault (documented)."""
        if not request.get("KeyName") and not request.get("KeyPairId"):
            raise MissingParameter("KeyName or KeyPairId")

        def work(view: View) -> str | None:
            if request.get("KeyPairId"):
                found = view.find(KEY_PAIR, request["KeyPairId"])
            else:
                found = find(view, request["KeyName"])
            if found is None:
                return None
            view.remove(found)
            return found.id

        return {"Return": True, "KeyPairId": await self.state.change(context.scope, request, work)}

    async def _keep(
        self, context: RequestContext, request: Request, half: PublicHalf, tags: dict[str, str]
    ) -> Resource:
        name = request["KeyName"]
        body: Body = {
            "KeyName": name,
            "KeyType": ED25519 if half.type == ED25519 else RSA,
            "KeyFingerprint": half.fingerprint,
            "PublicKey": f"{half.line} {name}",
            "CreateTime": stamp(self._clock.now()),
        }

        def work(view: View) -> Resource:
            require_free(view, name)
            return view.new(KEY_PAIR, body, tags=tags, parent=name, id_member="KeyPairId")

        return await self.state.change(context.scope, request, work)


def _shown(made: Resource) -> Body:
    shown = made.shown()
    return {name: shown[name] for name in ("KeyPairId", "KeyName", "KeyFingerprint", "Tags")}
