"""RestApis: the operations on APIs themselves. Importing has a file of its own."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.models.defaults import default_models
from sagehen.services.apigateway.definition.models.references import rename_references
from sagehen.services.apigateway.definition.policies import shown_policy, stored_policy
from sagehen.services.apigateway.documents.definition import Definition, Document, given, new_id
from sagehen.services.apigateway.documents.effects import boolean, field, integer, named_element, nested
from sagehen.services.apigateway.documents.listing import by_age, page, shown
from sagehen.services.apigateway.documents.patches import ADD_REMOVE_REPLACE, REPLACE, Patch, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records, read_definition
from sagehen.services.apigateway.documents.tags import checked_tags
from sagehen.services.apigateway.errors import BadRequestException, LimitExceededException
from sagehen.services.apigateway.plans.records import forget_stage
from sagehen.store.database import Transaction

# Documented: CreateRestApi, minimumCompressionSize.
MAX_COMPRESSION_BYTES = 10_485_760
# Documented: Quotas for configuring and running a REST API: 600 regional APIs, 120 edge-optimized ones.
# Here both are served alike and counted together. The words of the refusal are from memory.
MAX_APIS = 600
# In the order in which AWS's refusal lists them (from memory).
ENDPOINT_TYPES = ("REGIONAL", "EDGE", "PRIVATE")


def check_settings(settings: Document) -> None:
    """Check the RestApi structure as a whole.

    Raises:
        BadRequestException
        NotImplementedOperation: A private API needs a VPC.
    """
    if not settings.get("name"):
        raise BadRequestException("Api Name cannot be empty")
    size = settings.get("minimumCompressionSize")
    if size is not None and not 0 <= size <= MAX_COMPRESSION_BYTES:
        raise _bad_compression_size()
    if settings["apiKeySource"] not in ("HEADER", "AUTHORIZER"):
        raise BadRequestException("Invalid API key source. Valid options are AUTHORIZER,HEADER")
    endpoint = settings["endpointConfiguration"]
    types = endpoint["types"]
    if not types:
        raise BadRequestException("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
    if len(types) > 1:
        raise BadRequestException("Cannot create an api with multiple Endpoint Types.")
    if types[0] not in ENDPOINT_TYPES:
        raise BadRequestException(
            f"Invalid EndpointTypes specified. Valid options are {','.join(ENDPOINT_TYPES)}"
        )
    if endpoint["ipAddressType"] not in ("ipv4", "dualstack"):
        raise BadRequestException("ipAddressType must be either ipv4 or dualstack.")
    if types == ["PRIVATE"] or endpoint.get("vpcEndpointIds"):
        raise NotImplementedOperation("Private APIs need a VPC, which Sagehen does not have.")


def refuse_tls_policies(*asked: Any) -> None:
    """Refuse settings of TLS, which is not ours.

    Raises:
        NotImplementedOperation: One of them is set.
    """
    if any(asked):
        raise NotImplementedOperation("TLS policies of APIs are not built.")


def _bad_compression_size() -> BadRequestException:
    return BadRequestException(
        f"Invalid minimum compression size, must be between 0 and {MAX_COMPRESSION_BYTES}"
    )


def _compression_size(value: str | None) -> int | None:
    if not value:
        return None
    try:
        return integer(value)
    except BadRequestException:
        raise _bad_compression_size() from None


def _set_endpoint_type(settings: Document, patch: Patch) -> None:
    types = settings["endpointConfiguration"]["types"]
    if patch.op == "add":
        types.append(patch.text)
    elif patch.op == "remove":
        settings["endpointConfiguration"]["types"] = [name for name in types if name != patch.name]
    else:
        settings["endpointConfiguration"]["types"] = [patch.text]


PATCHES = PatchTable(
    Row("/name", REPLACE, field("name")),
    Row("/description", ("replace", "remove"), field("description")),
    Row("/version", REPLACE, field("version")),
    Row("/apiKeySource", REPLACE, field("apiKeySource")),
    Row("/policy", ("replace", "remove"), field("policy", lambda value: value or None)),
    Row("/disableExecuteApiEndpoint", REPLACE, field("disableExecuteApiEndpoint", boolean)),
    Row("/minimumCompressionSize", REPLACE, field("minimumCompressionSize", _compression_size)),
    Row("/binaryMediaTypes/{mediaType}", ADD_REMOVE_REPLACE, named_element("binaryMediaTypes")),
    Row("/endpointConfiguration/types/{type}", ADD_REMOVE_REPLACE, _set_endpoint_type),
    Row("/endpointConfiguration/ipAddressType", REPLACE, nested("endpointConfiguration", "ipAddressType")),
)


class RestApis:
    """The operations on APIs.

    Args:
        documents: The grammar of resource policies.
    """

    def __init__(self, records: Records, clock: Clock, ids: Ids, documents: ResourceDocuments) -> None:
        self.records = records
        self._clock = clock
        self._ids = ids
        self._documents = documents

    def stored_policy(self, scope: Scope, api_id: str, policy: str) -> str:
        """As `policies.stored_policy`."""
        return stored_policy(scope, api_id, policy, self._documents)

    def shown(self, settings: Document) -> Document:
        """Return the RestApi structure as AWS answers it."""
        return self._with_policy(shown(settings))

    def _with_policy(self, settings: Document) -> Document:
        if policy := settings.get("policy"):
            return {**settings, "policy": shown_policy(policy, self._documents)}
        return settings

    @operation("CreateRestApi", access=via("POST", "/restapis"))
    async def create_rest_api(self, context: RequestContext, request: Request) -> Document:
        if request.get("description") == "":
            raise BadRequestException("Description cannot be an empty string")
        definition = self.new_definition(context, request)
        await self.records.insert(definition)
        return self.shown(definition.settings)

    def new_definition(self, context: RequestContext, request: Request) -> Definition:
        """Return a new API with nothing but its root, or a copy of the one to clone."""
        if self.records.count(context.scope) >= MAX_APIS:
            raise LimitExceededException(f"Maximum number of Rest APIs for this account is {MAX_APIS}")
        api_id = new_id(self._ids)
        settings = self._new_settings(context, request, api_id)
        if source_id := request.get("cloneFrom"):
            source = self.records.definition(context.scope, source_id)
            definition = Definition(
                context.scope,
                {**settings, "rootResourceId": source.settings["rootResourceId"]},
                source.content,
            )
            for model in definition.models.values():
                model["schema"] = rename_references(model.get("schema"), source.id, api_id)
            return definition
        definition = Definition.new(context.scope, settings, new_id(self._ids))
        definition.models.update(default_models(self._ids))
        return definition

    def _new_settings(self, context: RequestContext, request: Request, api_id: str) -> Document:
        refuse_tls_policies(request.get("endpointAccessMode"), request.get("securityPolicy"))
        endpoint = request.get("endpointConfiguration") or {}
        # Documented: CreateRestApi, endpointConfiguration: edge-optimized, unless it is said.
        types = endpoint.get("types", ["EDGE"])
        settings: Document = {
            "id": api_id,
            "name": request["name"],
            "createdDate": self._clock.now().timestamp(),
            "apiKeySource": request.get("apiKeySource", "HEADER"),
            "endpointConfiguration": {
                "types": types,
                "ipAddressType": endpoint.get("ipAddressType", "ipv4"),
            },
            "disableExecuteApiEndpoint": request.get("disableExecuteApiEndpoint", False),
        }
        if endpoint.get("vpcEndpointIds"):
            settings["endpointConfiguration"]["vpcEndpointIds"] = endpoint["vpcEndpointIds"]
        settings |= given(request, "description", "version", "minimumCompressionSize", empty=True)
        if media_types := request.get("binaryMediaTypes"):
            settings["binaryMediaTypes"] = media_types
        if tags := request.get("tags"):
            settings["tags"] = checked_tags(tags)
        check_settings(settings)
        if policy := request.get("policy"):
            settings["policy"] = self.stored_policy(context.scope, api_id, policy)
        return settings

    @operation("GetRestApi", access=via("GET", "/restapis/{restApiId}"))
    async def get_rest_api(self, context: RequestContext, request: Request) -> Document:
        return self.shown(self.records.definition(context.scope, request["restApiId"]).settings)

    @operation("GetRestApis", access=via("GET", "/restapis"))
    async def get_rest_apis(self, context: RequestContext, request: Request) -> dict[str, Any]:
        answer = page(self.records.settings(context.scope), request, by_age, "rest-apis")
        answer["items"] = [self._with_policy(item) for item in answer["items"]]
        return answer

    @operation("UpdateRestApi", access=via("PATCH", "/restapis/{restApiId}"))
    async def update_rest_api(self, context: RequestContext, request: Request) -> Document:
        def change(definition: Definition) -> Document:
            settings = definition.settings
            policy = settings.get("policy")
            PATCHES.apply(settings, request.get("patchOperations"))
            check_settings(settings)
            if settings.get("policy") not in (None, policy):
                settings["policy"] = self.stored_policy(context.scope, definition.id, settings["policy"])
            return settings

        settings = await self.records.edit(context.scope, request["restApiId"], change)
        # Of all answers about an API this one alone has an empty map where there are no tags (recorded).
        return {"tags": {}, **self.shown(settings)}

    @operation("DeleteRestApi", access=via("DELETE", "/restapis/{restApiId}"))
    async def delete_rest_api(self, context: RequestContext, request: Request) -> None:
        def run(tx: Transaction) -> None:
            definition = read_definition(tx, context.scope, request["restApiId"])
            tx.execute("DELETE FROM apigateway_rest_apis WHERE id = ?", (definition.id,))
            # Deployments and stages go with the API's row; plans name its stages in documents.
            forget_stage(tx, context.scope, definition.id)

        await self.records.write(run)
