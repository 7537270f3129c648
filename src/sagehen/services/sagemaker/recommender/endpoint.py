"""The endpoint of a benchmark: made with the role's rights, and taken away again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.recommender.benchmarks import Benchmark
from sagehen.services.sagemaker.recommender.job import RecommendationJob
from sagehen.services.sagemaker.roles import sessions

# As long as an endpoint may be Creating here, and a minute.
_DEADLINE_S = 1860.0
_DELETED_S = 120.0
_EVERY_S = 0.2
VARIANT = "AllTraffic"


class NotMade(Exception):
    """The endpoint did not come into service; the message says why."""


class BenchmarkEndpoint:
    """Makes and deletes. Its three resources have one name, which is the benchmark's.

    Args:
        calls: Operations, performed as the job's role.
    """

    def __init__(
        self, calls: OperationCalls, roles: Roles, job: RecommendationJob, benchmark: Benchmark
    ) -> None:
        self._calls = calls
        self._roles = roles
        self._job = job
        self._benchmark = benchmark

    async def call(self, service: str, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Perform an operation as the role.

        Raises:
            ServiceError, AccessDenied.
        """
        session = await sessions.assume(self._roles, self._job.role_arn)
        return await self._calls.call(session.principal, self._job.scope, service, operation, request)

    async def make(self) -> None:
        """Bring it into service.

        Raises:
            NotMade
        """
        await self.remove()  # of an earlier life
        name = self._benchmark.endpoint
        try:
            model = await self._model()
            variant: dict[str, Any] = {"VariantName": VARIANT, "ModelName": model}
            if self._benchmark.serverless:
                variant["ServerlessConfig"] = dict(self._benchmark.serverless)
            else:
                variant |= {"InstanceType": self._benchmark.instance_type, "InitialInstanceCount": 1}
            configuration = {"EndpointConfigName": name, "ProductionVariants": [variant]}
            await self.call("sagemaker", "CreateEndpointConfig", configuration)
            await self.call("sagemaker", "CreateEndpoint", {"EndpointName": name, "EndpointConfigName": name})
            async with timeout(_DEADLINE_S):
                await self._in_service()
        except (ServiceError, AccessDenied) as error:
            raise NotMade(str(error)) from None
        except TimeoutError:
            raise NotMade(f"The endpoint was not in service within {_DEADLINE_S:g} s.") from None

    async def utilization(self, now: datetime) -> dict[str, float]:
        """Return what the instance used at most; nothing where the role may not read it."""
        found = {}
        for name in ("CPUUtilization", "MemoryUtilization"):
            request = {
                "Namespace": "/aws/sagemaker/Endpoints",
                "MetricName": name,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": self._benchmark.endpoint},
                    {"Name": "VariantName", "Value": VARIANT},
                ],
                "StartTime": now - timedelta(hours=1),
                "EndTime": now + timedelta(minutes=1),
                "Period": 3600,
                "Statistics": ["Maximum"],
            }
            try:
                answer = await self.call("cloudwatch", "GetMetricStatistics", request)
            except (ServiceError, AccessDenied):
                continue
            values = [point["Maximum"] for point in answer.get("Datapoints") or ()]
            if values:
                found[name.replace("CPU", "Cpu")] = round(max(values), 2)
        return found

    async def remove(self) -> None:
        """Delete what there is of it, and wait until it is gone: the next one is not measured beside it."""
        name = self._benchmark.endpoint
        for operation, member in (
            ("DeleteEndpoint", "EndpointName"),
            ("DeleteEndpointConfig", "EndpointConfigName"),
            ("DeleteModel", "ModelName"),
        ):
            with contextlib.suppress(ServiceError, AccessDenied):
                await self.call("sagemaker", operation, {member: name})
        with contextlib.suppress(ServiceError, AccessDenied, TimeoutError):
            async with timeout(_DELETED_S):
                while True:
                    await self.call("sagemaker", "DescribeEndpoint", {"EndpointName": name})
                    await asyncio.sleep(_EVERY_S)

    async def _in_service(self) -> None:
        while True:
            found = await self.call(
                "sagemaker", "DescribeEndpoint", {"EndpointName": self._benchmark.endpoint}
            )
            if found["EndpointStatus"] == "InService":
                return
            if found["EndpointStatus"] == "Failed":
                raise NotMade(found.get("FailureReason") or "The endpoint failed.")
            await asyncio.sleep(_EVERY_S)

    async def _model(self) -> str:
        """Return the name of the model to run: the user's own, where it is taken as it is."""
        given, benchmark = self._job.input, self._benchmark
        variables = dict(benchmark.variables)
        if package := given.get("ModelPackageVersionArn"):
            container: dict[str, Any] = {"ModelPackageName": package, "Environment": variables}
            if benchmark.specification:
                container["InferenceSpecificationName"] = benchmark.specification
            request = {"PrimaryContainer": container, "ExecutionRoleArn": self._job.role_arn}
        elif not variables:
            name: str = given["ModelName"]
            return name
        else:
            found = await self.call("sagemaker", "DescribeModel", {"ModelName": given["ModelName"]})
            container = dict(found.get("PrimaryContainer") or found["Containers"][0])
            container["Environment"] = {**container.get("Environment", {}), **variables}
            request = {
                "PrimaryContainer": container,
                "ExecutionRoleArn": found["ExecutionRoleArn"],
                "EnableNetworkIsolation": found.get("EnableNetworkIsolation", False),
            }
        await self.call("sagemaker", "CreateModel", {**request, "ModelName": benchmark.endpoint})
        return benchmark.endpoint
