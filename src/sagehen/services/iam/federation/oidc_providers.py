"""OpenID Connect providers.

Their URL is https, as on AWS; an issuer on loopback may be plain http, for rehearsals: nobody
stands between the platform and its own machine. Thumbprints are kept and shown; an issuer's
certificate has to come from an authority that this machine trusts, with which AWS disregards
thumbprints as well.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.iam.entities.access import on_arn, on_new
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from sagehen.services.iam.federation.providers import Providers
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.objects.tags import new_tags, tag_list
from sagehen.store.database import Transaction

_KIND = ObjectKind.OIDC_PROVIDER
# From memory: both of IAM's quotas.
_MAX_PROVIDERS = 100
_MAX_CLIENT_IDS = 100
# Documented: IAM API Reference, CreateOpenIDConnectProvider.
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
    """Return a URL as ARNs and condition keys have it: without scheme and last slash."""
    return url.partition("://")[2].rstrip("/")


def provider_arn(account_id: str, url: str) -> str:
    """Return the ARN of a provider, which its URL makes: two schemes of one URL are one provider."""
    return f"arn:aws:iam::{account_id}:oidc-provider/{without_scheme(url)}"


def _arn_of(account_id: str, request: Request) -> str:
    return provider_arn(account_id, request["Url"])


_on_provider = on_arn("OpenIDConnectProviderArn")


class OidcProviders:
    """The operations on OIDC providers."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = records
        self._objects = ObjectRecords(records)
        self._providers = Providers(records, _KIND, "OpenIDConnectProviderArn", _missing)
        self._clock = clock

    @operation("CreateOpenIDConnectProvider", access=on_new(_arn_of, "iam:TagOpenIDConnectProvider"))
    async def create(self, context: RequestContext, request: Request) -> dict[str, Any]:
        url, account_id = request["Url"], context.scope.account_id
        if not is_usable_url(url):
            raise ValidationError("Invalid Open ID Connect Provider URL")
        tags = new_tags(request)
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
        stored = self._providers.find(context, request)
        return {
            "Url": without_scheme(stored.body["url"]),
            "ClientIDList": stored.body["client_ids"],
            "ThumbprintList": stored.body["thumbprints"],
            "CreateDate": when(stored.body["created_at"]),
            "Tags": tag_list(stored),
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
        await self._providers.change(context, request, lambda one: one.with_body(thumbprints=thumbprints))

    @operation("AddClientIDToOpenIDConnectProvider", access=_on_provider)
    async def add_client_id(self, context: RequestContext, request: Request) -> None:
        def added(stored: Stored) -> Stored:
            return stored.with_body(client_ids=_client_ids([*stored.body["client_ids"], request["ClientID"]]))

        await self._providers.change(context, request, added)

    @operation("RemoveClientIDFromOpenIDConnectProvider", access=_on_provider)
    async def remove_client_id(self, context: RequestContext, request: Request) -> None:
        def removed(stored: Stored) -> Stored:
            kept = [each for each in stored.body["client_ids"] if each != request["ClientID"]]
            return stored.with_body(client_ids=kept)

        await self._providers.change(context, request, removed)

    @operation("TagOpenIDConnectProvider", access=_on_provider)
    async def tag(self, context: RequestContext, request: Request) -> None:
        await self._providers.tag(context, request)

    @operation("UntagOpenIDConnectProvider", access=_on_provider)
    async def untag(self, context: RequestContext, request: Request) -> None:
        await self._providers.untag(context, request)

    @operation("ListOpenIDConnectProviderTags", access=_on_provider)
    async def list_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._providers.tags(context, request)


def _missing(arn: str) -> NoSuchEntity:
    return NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")


def _client_ids(ids: Any) -> list[str]:
    found = list(dict.fromkeys(ids))
    if len(found) > _MAX_CLIENT_IDS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_MAX_CLIENT_IDS}")
    return found


def _thumbprints(thumbprints: Any) -> list[str]:
    if len(thumbprints) > _MAX_THUMBPRINTS:
        raise InvalidInput(f"Thumbprint list must contain fewer than {_MAX_THUMBPRINTS} entries.")
    return list(thumbprints)
