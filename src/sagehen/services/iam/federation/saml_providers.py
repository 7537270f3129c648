"""SAML providers: records, since AssumeRoleWithSAML is not built.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sagehen.api.bounded.budget import BudgetSpent, in_thread
from sagehen.api.bounded.xml_text import read_xml
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_arn, on_new
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity
from sagehen.services.iam.federation.providers import Providers
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.objects.tags import new_tags, tag_list
from sagehen.store.database import Transaction

_KIND = ObjectKind.SAML_PROVIDER
# From memory.
_MAX_PROVIDERS = 100
_ENTITY = "{urn:oasis:names:tc:SAML:2.0:metadata}EntityDescriptor"
# Metadata that says nothing of its end is good for a century (from memory).
_CENTURY = timedelta(days=36525)
# A federation's metadata of IAM's largest size, 10 MB, at 100 bytes for each.
_METADATA_ELEMENTS = 100_000


def _arn_of(account_id: str, request: Request) -> str:
    return f"arn:aws:iam::{account_id}:saml-provider/{request['Name']}"


_on_provider = on_arn("SAMLProviderArn")


class SamlProviders:
    """The operations on SAML providers."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._objects = ObjectRecords(records)
        self._providers = Providers(records, _KIND, "SAMLProviderArn", _missing)
        self._clock = clock
        self._ids = ids

    @operation("CreateSAMLProvider", access=on_new(_arn_of, "iam:TagSAMLProvider"))
    async def create(self, context: RequestContext, request: Request) -> dict[str, Any]:
        _refuse_encryption(request)
        account_id, now = context.scope.account_id, self._clock.now()
        tags = new_tags(request)
        stored = Stored(
            account_id,
            _KIND,
            _arn_of(account_id, request),
            "",
            {
                "uuid": self._ids.unique_id("ASPI"),
                "tags": tags,
                "created_at": now.timestamp(),
                **await _metadata(request["SAMLMetadataDocument"], now),
            },
        )

        def change(tx: Transaction) -> None:
            if self._objects.read(tx, stored) is not None:
                raise EntityAlreadyExists(f"Provider with name {request['Name']} already exists.")
            if len(self._objects.all(account_id, _KIND)) >= _MAX_PROVIDERS:
                raise LimitExceeded(f"Cannot exceed quota for SAMLProvidersPerAccount: {_MAX_PROVIDERS}")
            self._objects.put(tx, stored)

        await self.records.write(change)
        result: dict[str, Any] = {"SAMLProviderArn": stored.name}
        return {**result, "Tags": request["Tags"]} if tags else result

    @operation("GetSAMLProvider", access=_on_provider)
    async def get(self, context: RequestContext, request: Request) -> dict[str, Any]:
        stored = self._providers.find(context, request)
        return {
            "SAMLProviderUUID": stored.body["uuid"],
            "SAMLMetadataDocument": stored.body["document"],
            "CreateDate": when(stored.body["created_at"]),
            "ValidUntil": when(stored.body["valid_until"]),
            "Tags": tag_list(stored),
            "AssertionEncryptionMode": "Allowed",
            "PrivateKeyList": [],
        }

    @operation("ListSAMLProviders")
    async def list_providers(self, context: RequestContext, request: Request) -> dict[str, Any]:
        members = [
            {
                "Arn": stored.name,
                "ValidUntil": when(stored.body["valid_until"]),
                "CreateDate": when(stored.body["created_at"]),
            }
            for stored in self._objects.all(context.scope.account_id, _KIND)
        ]
        return {"SAMLProviderList": members}

    @operation("UpdateSAMLProvider", access=_on_provider)
    async def update(self, context: RequestContext, request: Request) -> dict[str, Any]:
        _refuse_encryption(request)
        stored = self._providers.find(context, request)
        if document := request.get("SAMLMetadataDocument"):
            body = await _metadata(document, self._clock.now())
            await self._providers.change(context, request, lambda one: one.with_body(**body))
        return {"SAMLProviderArn": stored.name}

    @operation("DeleteSAMLProvider", access=_on_provider)
    async def delete(self, context: RequestContext, request: Request) -> None:
        stored = self._providers.find(context, request)
        await self.records.write(lambda tx: self._objects.delete(tx, stored))

    @operation("TagSAMLProvider", access=_on_provider)
    async def tag(self, context: RequestContext, request: Request) -> None:
        await self._providers.tag(context, request)

    @operation("UntagSAMLProvider", access=_on_provider)
    async def untag(self, context: RequestContext, request: Request) -> None:
        await self._providers.untag(context, request)

    @operation("ListSAMLProviderTags", access=_on_provider)
    async def list_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return self._providers.tags(context, request)


def _missing(arn: str) -> NoSuchEntity:
    return NoSuchEntity(f"Manifest not found for arn {arn}")


def _refuse_encryption(request: Request) -> None:
    members = ("AddPrivateKey", "RemovePrivateKey")
    if any(request.get(name) for name in members) or request.get("AssertionEncryptionMode") == "Required":
        raise NotImplementedOperation("Encrypted SAML assertions are not implemented.")


async def _metadata(document: str, now: datetime) -> dict[str, Any]:
    """Return the members that keep a metadata document.

    Raises:
        InvalidInput: It is none.
    """
    try:
        root = await in_thread(read_xml, document, _METADATA_ELEMENTS)  # up to 10 MB
        if root.tag != _ENTITY:
            raise ValueError(root.tag)
        until = root.get("validUntil")
        valid_until = datetime.fromisoformat(until) if until else now + _CENTURY
        if valid_until.tzinfo is None:
            valid_until = valid_until.replace(tzinfo=UTC)
        return {"document": document, "valid_until": valid_until.timestamp()}
    except (BudgetSpent, ValueError, OverflowError):
        raise InvalidInput("Could not parse metadata") from None
