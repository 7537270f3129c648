"""Endpoints that host components, on the executor of `endpoints/conftest.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecord
from sagehen.services.sagemaker.endpoints.assembly import endpoint_parts
from sagehen.services.sagemaker.inference_components.assembly import component_parts

from ..endpoints.conftest import ROLE, SCOPE, World, no_torch_needed

__all__ = ["no_torch_needed"]


class Hosts(World):
    """One endpoint, `e`, and its components."""

    def begin(self, alarms: AlarmStates | None = None) -> None:
        super().begin(alarms)
        means = self.means
        parts = endpoint_parts(self.database, means, self.configs, self.models, self.directory, alarms=alarms)
        self.endpoints, self.loops = parts.operations, parts.loops
        apart = replace(means, folder=self.folder / "inference-components")
        self.parts = component_parts(self.database, apart, parts, self.models, self.directory, alarms=alarms)

    async def start(self) -> None:
        await self.loops.start()
        await self.parts.loops.start()

    async def stop(self) -> None:
        await self.parts.loops.stop()
        await self.loops.stop()

    async def host(self, config: str = "c", instances: int = 1, **variant: Any) -> None:
        """Store a configuration whose instances (2 cores, 8 GiB) wait for components."""
        told = {
            "VariantName": "v",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": instances,
            **variant,
        }
        request = {"EndpointConfigName": config, "ExecutionRoleArn": ROLE, "ProductionVariants": [told]}
        await self.configs.add(EndpointConfigRecord(SCOPE, config, self.clock.now(), request), ())

    async def hosting(self, instances: int = 1, **variant: Any) -> None:
        """Have the endpoint in service."""
        await self.host("c", instances, **variant)
        await self.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
        await self.until_status("e", "InService")

    async def ask(self, operation: str, name: str = "a", **members: Any) -> Any:
        """Perform an operation on a component."""
        does = self.parts.operations
        handlers = {
            "Create": does.create_inference_component,
            "Describe": does.describe_inference_component,
            "Update": does.update_inference_component,
            "Recount": does.update_inference_component_runtime_config,
            "Delete": does.delete_inference_component,
        }
        request = {"InferenceComponentName": name, **members}
        return await handlers[operation](self.context(operation), request)

    async def add(self, name: str = "a", copies: int = 1, behaviour: str = "ok", **needs: Any) -> None:
        """Create a component of a model of its own."""
        await self.add_model(f"model-{name}", behaviour)
        resources = {"MinMemoryRequiredInMb": 1024, **needs}
        await self.ask(
            "Create",
            name,
            EndpointName="e",
            VariantName="v",
            Specification={"ModelName": f"model-{name}", "ComputeResourceRequirements": resources},
            RuntimeConfig={"CopyCount": copies},
        )

    async def reaches(self, name: str, status: str, copies: int | None = None) -> dict[str, Any]:
        """Wait until a component is what is expected of it."""
        async with asyncio.timeout(30):
            while True:
                told: dict[str, Any] = await self.ask("Describe", name)
                current = told["RuntimeConfig"]["CurrentCopyCount"]
                if told["InferenceComponentStatus"] == status and copies in (None, current):
                    return told
                await asyncio.sleep(0.01)

    async def asked(self, name: str = "a", body: bytes = b"x", **members: Any) -> str:
        """Invoke a component; return which copy answered."""
        answer = await self.invoke("e", body, InferenceComponentName=name, **members)
        return str(answer["Body"].decode())

    async def instances(self) -> int:
        described = await self.call("DescribeEndpoint", EndpointName="e")
        return int(described["ProductionVariants"][0]["CurrentInstanceCount"])


@pytest.fixture
async def hosts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hosts]:
    hosts = Hosts(tmp_path_factory.mktemp("h"))
    await hosts.start()
    yield hosts
    await hosts.stop()
    hosts.database.close()
