"""ApiGatewayService: the component that `app` starts; the control plane, and the data plane in it."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer, PolicyDocuments
from sagehen.domain.ports.functions import FunctionInvoker
from sagehen.domain.ports.log_sink import LogSink
from sagehen.domain.ports.metrics import MetricSink
from sagehen.domain.ports.resource_policies import ResourceDocuments, ResourcePolicies
from sagehen.domain.ports.roles import Roles
from sagehen.services.apigateway.account import Account
from sagehen.services.apigateway.data_plane.execute_api import ExecuteApi
from sagehen.services.apigateway.definition.authorizers import Authorizers
from sagehen.services.apigateway.definition.gateway_responses import GatewayResponses
from sagehen.services.apigateway.definition.integrations.operations import Integrations
from sagehen.services.apigateway.definition.integrations.responses import IntegrationResponses
from sagehen.services.apigateway.definition.method_responses import MethodResponses
from sagehen.services.apigateway.definition.methods import Methods
from sagehen.services.apigateway.definition.models.operations import Models
from sagehen.services.apigateway.definition.request_validators import RequestValidators
from sagehen.services.apigateway.definition.resources import Resources
from sagehen.services.apigateway.definition.rest_apis import RestApis
from sagehen.services.apigateway.deployed import StoredApis
from sagehen.services.apigateway.documentation.parts import DocumentationParts
from sagehen.services.apigateway.documentation.versions import DocumentationVersions
from sagehen.services.apigateway.documents.records import MIGRATIONS, Records
from sagehen.services.apigateway.openapi.exports import Exports
from sagehen.services.apigateway.openapi.imports import Imports
from sagehen.services.apigateway.plans.api_keys import ApiKeys
from sagehen.services.apigateway.plans.counter import CountedUsage
from sagehen.services.apigateway.plans.key_import import ApiKeyImport
from sagehen.services.apigateway.plans.members import UsagePlanKeys
from sagehen.services.apigateway.plans.operations import UsagePlans
from sagehen.services.apigateway.stages.deployments import Deployments
from sagehen.services.apigateway.stages.operations import Stages
from sagehen.services.apigateway.tags import Tags
from sagehen.store.database import Database


class ApiGatewayService:
    """REST APIs: what makes them and what serves them.

    Args:
        database: Where APIs, deployments, stages, keys and plans live.
        clock, ids: The platform's.
        roles: Checks iam:PassRole, makes sessions of integration roles.
        authorizer: IAM's evaluator.
        documents: Evaluates what Lambda authorizers answer.
        resource_documents: The grammar of resource policies.
        functions: Lambda.
        logs, metrics: Where the data plane's lines and numbers go.

    Attributes:
        services: `apigateway` for the gateway.
        data_plane: Answers requests to deployed stages, for the gateway.
        resource_policies: The policies that were deployed to stages, by their `execute-api` ARNs.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        roles: Roles,
        authorizer: Authorizer,
        documents: PolicyDocuments,
        resource_documents: ResourceDocuments,
        functions: FunctionInvoker,
        logs: LogSink,
        metrics: MetricSink,
    ) -> None:
        database.migrate("apigateway", MIGRATIONS)
        self._records = records = Records(database)
        self._apis = apis = StoredApis(records)
        self._usage = usage = CountedUsage(database, clock)
        self.data_plane = ExecuteApi(
            deployed=apis,
            usage=usage,
            clock=clock,
            ids=ids,
            functions=functions,
            roles=roles,
            authorizer=authorizer,
            documents=documents,
            logs=logs,
            metrics=metrics,
        )
        self.resource_policies: ResourcePolicies = self.data_plane.policies
        rest_apis = RestApis(records, clock, ids, resource_documents)
        operations = (
            rest_apis,
            Imports(records, ids, roles, rest_apis),
            *_parts_of_apis(records, clock, ids, roles),
            Deployments(records, clock, ids),
            Stages(records, clock, apis, self.data_plane),
            Exports(records),
            ApiKeys(records, clock, ids),
            ApiKeyImport(records, clock, ids),
            UsagePlans(records, clock, ids),
            UsagePlanKeys(records, clock, usage),
            Account(records, roles),
            Tags(records),
            *self.data_plane.operations,
        )
        self.services: Sequence[Service] = (Service("apigateway", operations),)

    async def start(self) -> None:
        """Begin to store counted use; everything else is read when it is asked for."""
        await self._usage.start()
        await self.data_plane.start()

    async def stop(self) -> None:
        """Store what was counted, end what runs."""
        await self.data_plane.stop()
        await self._usage.stop()

    async def reset(self) -> None:
        """Forget what memory holds; the tables were emptied before."""
        self._records.changed()
        self._apis.forget()
        self._usage.forget()
        await self.data_plane.reset()


def _parts_of_apis(records: Records, clock: Clock, ids: Ids, roles: Roles) -> tuple[object, ...]:
    """The operations on what an API's definition is made of."""
    return (
        Resources(records, ids),
        Methods(records),
        MethodResponses(records),
        Integrations(records, roles),
        IntegrationResponses(records),
        Models(records, ids),
        RequestValidators(records, ids),
        Authorizers(records, ids, roles),
        GatewayResponses(records),
        DocumentationParts(records, ids),
        DocumentationVersions(records, clock),
    )
