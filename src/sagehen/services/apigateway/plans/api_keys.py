"""API keys."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document, given, new_id
from sagehen.services.apigateway.documents.effects import boolean, field
from sagehen.services.apigateway.documents.items import delete_item, put_item, read_item
from sagehen.services.apigateway.documents.listing import by_age, page, shown
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.documents.tags import checked_tags
from sagehen.services.apigateway.errors import BadRequestException, ConflictException, no_such_api_key
from sagehen.services.apigateway.plans.records import API_KEY, claim_value, delete_key_links
from sagehen.services.apigateway.plans.rules import bad_stage
from sagehen.store.database import Transaction

# Both reported by users in AWS's words.
MIN_VALUE = 20
MAX_VALUE = 128
MAX_NAME = 1024  # from memory
# 125,001 are refused (recorded); the bound itself is from memory.
MAX_DESCRIPTION = 125_000
# From memory: forty letters and digits.
VALUE_LENGTH = 40
_COLLECTION = "/apikeys"
_ONE = _COLLECTION + "/{apiKey}"
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

# In the order of AWS's own list of them (recorded).
PATCHES = PatchTable(
    Row("/description", REPLACE, field("description")),
    Row("/enabled", REPLACE, field("enabled", boolean)),
    Row("/name", REPLACE, field("name")),
    Row("/customerId", REPLACE, field("customerId")),
    refusals="paths",
)


def new_api_key(ids: Ids, request: Request, now: float) -> Document:
    """Return the ApiKey structure of a CreateApiKey request.

    Raises:
        BadRequestException: A value too short or too long.
        NotImplementedOperation: Keys whose id is their value.
    """
    if request.get("generateDistinctId") is False:
        raise NotImplementedOperation(
            "Keys whose id is their value (generateDistinctId=false) are not built."
        )
    value = request.get("value")
    if value and len(value) < MIN_VALUE:  # an empty one is none (recorded)
        raise BadRequestException(f"API Key value should be at least {MIN_VALUE} characters")
    if value and len(value) > MAX_VALUE:
        raise BadRequestException(f"API Key value exceeds maximum size of {MAX_VALUE} characters")
    document: Document = {
        "id": new_id(ids),
        "value": value or ids.text(VALUE_LENGTH, _ALPHABET),
        "enabled": request.get("enabled", False),
        "createdDate": now,
        "lastUpdatedDate": now,
        # Told and without effect, as on AWS since August 2016: a key is good where a usage plan says so.
        "stageKeys": [_stage(one) for one in request.get("stageKeys") or ()],
    }
    document |= given(request, "name", "description", "customerId")
    check_api_key(document)
    if tags := request.get("tags"):
        document["tags"] = checked_tags(tags)
    return document


def _stage(key: Document) -> str:
    api_id, stage = key.get("restApiId"), key.get("stageName")
    if not api_id or not stage:
        raise bad_stage()
    return f"{api_id}/{stage}"


def check_api_key(document: Document) -> None:
    """Check a key's texts.

    Raises:
        BadRequestException
    """
    if len(document.get("name") or "") > MAX_NAME:
        raise BadRequestException(f"Invalid API Key name, can be at most {MAX_NAME} characters.")
    if len(document.get("description") or "") > MAX_DESCRIPTION:
        raise BadRequestException("Invalid API Key description specified.")


def insert_api_key(tx: Transaction, scope: Scope, document: Document) -> None:
    """Store a new key.

    Raises:
        ConflictException: Another key has the value.
    """
    if not claim_value(tx, scope, document["value"], document["id"]):
        raise ConflictException("API Key already exists")
    put_item(tx, scope, API_KEY, document["id"], document, document["createdDate"])


def _without_value(document: Document) -> Document:
    return {member: value for member, value in document.items() if member != "value"}


class ApiKeys:
    """The operations on API keys. Importing them has a file of its own."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._clock = clock
        self._ids = ids

    @operation("CreateApiKey", access=via("POST", _COLLECTION))
    async def create_api_key(self, context: RequestContext, request: Request) -> Document:
        document = new_api_key(self._ids, request, self._clock.now().timestamp())
        await self.records.write(lambda tx: insert_api_key(tx, context.scope, document))
        return shown(document)

    @operation("GetApiKey", access=via("GET", _ONE))
    async def get_api_key(self, context: RequestContext, request: Request) -> Document:
        document = self.records.item(context.scope, API_KEY, request["apiKey"])
        if document is None:
            raise no_such_api_key()
        return shown(document if request.get("includeValue") else _without_value(document))

    @operation("GetApiKeys", access=via("GET", _COLLECTION))
    async def get_api_keys(self, context: RequestContext, request: Request) -> dict[str, Any]:
        prefix, customer = request.get("nameQuery", ""), request.get("customerId")
        keys = [
            key if request.get("includeValues") else _without_value(key)
            for key in self.records.items(context.scope, API_KEY)
            if key.get("name", "").startswith(prefix) and customer in (None, key.get("customerId"))
        ]
        asked = {"limit": request.get("limit"), "position": request.get("position")}
        if (asked["limit"] or 0) < 0:  # here alone AWS takes it for none (recorded)
            asked["limit"] = None
        return page(keys, asked, by_age, f"api-keys/{prefix}/{customer}")

    @operation("UpdateApiKey", access=via("PATCH", _ONE))
    async def update_api_key(self, context: RequestContext, request: Request) -> Document:
        def run(tx: Transaction) -> Document:
            document = read_item(tx, context.scope, API_KEY, request["apiKey"])
            if document is None:
                raise no_such_api_key()
            PATCHES.apply(document, request.get("patchOperations"))
            check_api_key(document)
            document["lastUpdatedDate"] = int(self._clock.now().timestamp())
            put_item(tx, context.scope, API_KEY, document["id"], document, document["createdDate"])
            return document

        # Of all answers this one alone has an empty map where there are no tags (recorded).
        return {"tags": {}, **shown(_without_value(await self.records.write(run)))}

    @operation("DeleteApiKey", access=via("DELETE", _ONE))
    async def delete_api_key(self, context: RequestContext, request: Request) -> None:
        def run(tx: Transaction) -> None:
            if not delete_item(tx, context.scope, API_KEY, request["apiKey"]):
                raise no_such_api_key()
            delete_key_links(tx, context.scope, request["apiKey"])

        await self.records.write(run)
