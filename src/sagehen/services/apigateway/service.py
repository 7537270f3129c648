"""ApiGatewayService: the component that `app` starts; the control plane, and the data plane in it."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.identity.authorization import Authorizer, PolicyDocuments
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments, ResourcePolicies
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.services.apigateway.account import Account
from sagehen.services.apigateway.data_plane.execute_api import ExecuteApi
from sagehen.services.apigateway.definition.assembly import parts_of_apis
from sagehen.services.apigateway.definition.rest_apis import RestApis
from sagehen.services.apigateway.deployed import StoredApis
from sagehen.services.apigateway.documentation.assembly import parts_and_versions
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.documents.tables import MIGRATIONS
from sagehen.services.apigateway.openapi.assembly import imports_and_exports
from sagehen.services.apigateway.plans.assembly import keys_and_plans
from sagehen.services.apigateway.plans.counter import CountedUsage
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
            *parts_of_apis(records, ids, roles),
            Deployments(records, clock, ids),
            Stages(records, clock, apis, self.data_plane),
            *keys_and_plans(records, clock, ids, usage),
            *parts_and_versions(records, clock, ids),
            *imports_and_exports(records, ids, roles, rest_apis),
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
