"""OpenID Connect providers.

Their URL is https, as on AWS; an issuer on loopback may be plain http, for rehearsals: nobody
stands between the platform and its own machine. Thumbprints are kept and shown; an issuer's
certificate has to come from an authority that this machine trusts, with which AWS disregards
thumbprints as well.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.iam.access_rules import tag_conditions
from sagehen.services.iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from sagehen.services.iam.listing import answer, cut
from sagehen.services.iam.object_records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.records import Records, when
from sagehen.services.iam.tags import checked_tags, merged_tags, without_tags
from sagehen.store.database import Transaction

_KIND = ObjectKind.OIDC_PROVIDER
_MAX_PROVIDERS = 100
_MAX_CLIENT_IDS = 100
_MAX_THUMBPRINTS = 5
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


def is_usable_url(url: str) -> bool:
    """Tell whether the platform asks an issuer at this URL: https, or http on loopback."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return secure and bool(host) and parts.username is None and not parts.query and not parts.fragment


def without_scheme(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def provider_arn(account_id: str, url: str) -> str:
    return f"arn:aws:iam::{account_id}:oidc-provider/{without_scheme(url)}"


def _on_provider(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    conditions = tag_conditions(request.get("Tags"))
    if keys := request.get("TagKeys"):
        conditions["aws:TagKeys"] = tuple(keys)
    yield Access(f"iam:{context.operation}", request["OpenIDConnectProviderArn"], conditions)


def _on_new_provider(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = provider_arn(context.scope.account_id, request["Url"])
    conditions = tag_conditions(request.get("Tags"))
    yield Access(f"iam:{context.operation}", arn, conditions)
    if request.get("Tags"):
        yield Access("iam:TagOpenIDConnectProvider", arn, conditions)


class OidcProviders:
    """The operations on OIDC providers."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = records
        self._objects = ObjectRecords(records)
        self._clock = clock

    @operation("CreateOpenIDConnectProvider", access=_on_new_provider)
    async def create(self, context: RequestContext, request: Request) -> dict[str, Any]:
        url, account_id = request["Url"], context.scope.account_id
        if not is_usable_url(url):
            raise ValidationError("Invalid Open ID Connect Provider URL")
        tags = checked_tags(request.get("Tags"), case=True)
        stored = Stored(
            account_id,
            _KIND,
            provider_arn(account_id, url),
            "",
            {
                "url": url,
                "client_ids": _client_ids(request.get("ClientIDList") or ()),
                "thumbprints": _thumbprints(request.get("ThumbprintList") or ()),
                "tags": tags,
                "created_at": self._clock.now().timestamp(),
            },
        )

        def change(tx: Transaction) -> None:
            if self._objects.read(tx, stored) is not None:
                raise EntityAlreadyExists(f"Provider with url {url} already exists.")
            if len(self._objects.all(account_id, _KIND)) >= _MAX_PROVIDERS:
                raise LimitExceeded(
                    f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {_MAX_PROVIDERS}"
                )
            self._objects.put(tx, stored)

        await self.records.write(change)
        result: dict[str, Any] = {"OpenIDConnectProviderArn": stored.name}
        return {**result, "Tags": request["Tags"]} if tags else result

    @operation("GetOpenIDConnectProvider", access=_on_provider)
    async def get(self, context: RequestContext, request: Request) -> dict[str, Any]:
        stored = self._find(context, request)
        return {
            "Url": without_scheme(stored.body["url"]),
            "ClientIDList": stored.body["client_ids"],
            "ThumbprintList": stored.body["thumbprints"],
            "CreateDate": when(stored.body["created_at"]),
            "Tags": _tag_list(stored),
        }

    @operation("ListOpenIDConnectProviders")
    async def list_providers(self, context: RequestContext, request: Request) -> dict[str, Any]:
        providers = self._objects.all(context.scope.account_id, _KIND)
        return {"OpenIDConnectProviderList": [{"Arn": stored.name} for stored in providers]}

    @operation("DeleteOpenIDConnectProvider", access=_on_provider)
    async def delete(self, context: RequestContext, request: Request) -> None:
        arn = request["OpenIDConnectProviderArn"]
        stored = self._objects.find(context.scope.account_id, _KIND, arn)
        if stored is None:
            raise NoSuchEntity(f"OpenId connect Provider {arn} cannot be found.")
        await self.records.write(lambda tx: self._objects.delete(tx, stored))

    @operation("UpdateOpenIDConnectProviderThumbprint", access=_on_provider)
    async def update_thumbprint(self, context: RequestContext, request: Request) -> None:
        thumbprints = _thumbprints(request["ThumbprintList"])
        await self._change(context, request, lambda one: one.with_body(thumbprints=thumbprints))

    @operation("AddClientIDToOpenIDConnectProvider", access=_on_provider)
    async def add_client_id(self, context: RequestContext, request: Request) -> None:
        def added(stored: Stored) -> Stored:
            return stored.with_body(client_ids=_client_ids([*stored.body["client_ids"], request["ClientID"]]))

        await self._change(context, request, added)

    @operation("RemoveClientIDFromOpenIDConnectProvider", access=_on_provider)
    async def remove_client_id(self, context: RequestContext, request: Request) -> None:
        def removed(stored: Stored) -> Stored:
            kept = [each for each in stored.body["client_ids"] if each != request["ClientID"]]
            return stored.with_body(client_ids=kept)

        await self._change(context, request, removed)

    @operation("TagOpenIDConnectProvider", access=_on_provider)
    async def tag(self, context: RequestContext, request: Request) -> None:
        new = checked_tags(request["Tags"], case=True)
        await self._change(
            context, request, lambda one: one.with_body(tags=merged_tags(one.body["tags"], new, case=True))
        )

    @operation("UntagOpenIDConnectProvider", access=_on_provider)
    async def untag(self, context: RequestContext, request: Request) -> None:
        keys = request["TagKeys"]
        await self._change(
            context, request, lambda one: one.with_body(tags=without_tags(one.body["tags"], keys, case=True))
        )

    @operation("ListOpenIDConnectProviderTags", access=_on_provider)
    async def list_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        stored = self._find(context, request)
        page = cut(_tag_list(stored), request, lambda tag: tag["Key"], f"tags of {stored.name}")
        return answer(page, Tags=page.items)

    def _find(self, context: RequestContext, request: Request) -> Stored:
        arn = request["OpenIDConnectProviderArn"]
        stored = self._objects.find(context.scope.account_id, _KIND, arn)
        if stored is None:
            raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")
        return stored

    async def _change(
        self, context: RequestContext, request: Request, replacement: Callable[[Stored], Stored]
    ) -> None:
        stored = self._find(context, request)

        def change(tx: Transaction) -> None:
            current = self._objects.read(tx, stored)
            if current is None:
                raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {stored.name}")
            self._objects.put(tx, replacement(current))

        await self.records.write(change)


def _client_ids(ids: Any) -> list[str]:
    found = list(dict.fromkeys(ids))
    if len(found) > _MAX_CLIENT_IDS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_MAX_CLIENT_IDS}")
    return found


def _thumbprints(thumbprints: Any) -> list[str]:
    if len(thumbprints) > _MAX_THUMBPRINTS:
        raise InvalidInput(f"Thumbprint list must contain fewer than {_MAX_THUMBPRINTS} entries.")
    return list(thumbprints)


def _tag_list(stored: Stored) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(stored.body["tags"].items())]
