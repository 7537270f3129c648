"""Box: one container of an instance, from its image and its model's data to the server in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from sagehen.domain.identity import Principal
from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.compute.places import Needs
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.executors.base import Sandbox, SandboxUnavailable
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.endpoints.model_store import ModelStore
from sagehen.services.sagemaker.endpoints.owner import Owner
from sagehen.services.sagemaker.endpoints.records import InstanceRecord
from sagehen.services.sagemaker.hosting import source
from sagehen.services.sagemaker.hosting.container import address_of, spec_of
from sagehen.services.sagemaker.hosting.environment import require_imports
from sagehen.services.sagemaker.hosting.placing import placed_server
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import model_cache
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.placing import needs_of
from sagehen.services.sagemaker.models.data import Looked, ModelData
from sagehen.services.sagemaker.models.wanted import WantedModel
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.multimodel.models import ReplicaModels
from sagehen.serving.replica import Replica

# What a container answers to a load or an unload: a message.
_CONTROL_BYTES = 1024 * 1024


class Box:
    """One container.

    Args:
        variant: What it serves: of a variant with several containers as if it were of this one alone.
        number: Its place among them, from 0.
        write: Takes a line of its log.

    Attributes:
        sandbox: Once its process was started.
        replica: Its data-plane side, likewise.
    """

    def __init__(
        self,
        means: Means,
        model_data: ModelData,
        owner: Owner,
        variant: EndpointVariant,
        record: InstanceRecord,
        number: int,
        write: Callable[[str], None],
    ) -> None:
        self.variant = variant
        self.sandbox: Sandbox | None = None
        self.replica: Replica | None = None
        self._means = means
        self._model_data = model_data
        self._owner = owner
        self._record = record
        self._number = number
        self._write = write
        self._of_endpoint = EndpointFolder.of(means.folder, owner)
        self._folder = self._of_endpoint.container(record.instance_id, number)
        self._own: ContainerImage | None = None
        self._image: Image | None = None
        self._model: Path | None = None
        self._looked: Looked | None = None
        self._code: Path | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def is_own_image(self) -> bool:
        return self._own is not None

    @property
    def needs(self) -> Needs:
        """What its machine must have, once it is prepared."""
        assert self._image is not None
        return needs_of(self._image)

    async def prepare(self, session: RoleSession) -> None:
        """Bring its image, its code, and what must be known of its model before there is room for it.

        Raises:
            ModelDataUnavailable, ImportsMissing, BuildFailed, UvMissing, ServiceError.
        """
        means, variant = self._means, self.variant
        image = means.images.resolve(variant.resolved_image or variant.image, "inference")
        if means.images.wants_building(image):
            image = await means.images.built(image, self._say)
        self._say(image.describe())
        await asyncio.to_thread(self._folder.make)
        if variant.multi_model:  # they come when they are asked for
            await asyncio.to_thread(self._folder.clear_models)
        else:
            self._model = self._of_endpoint.model(self._record.generation, self._name)
            self._looked = await self._model_data.look(self._wanted, session, self._model)
        if image.own:
            await self._pull(image, session.principal)
        else:
            image = await self._with_code(image, session)
        self._image = image

    @property
    def model_bytes(self) -> int:
        """The size of its model's files."""
        return 0 if self._looked is None else self._looked.size

    async def start(self, session: RoleSession, node: str | None) -> None:
        """Bring its model to where it is going to be, and start it; it must be prepared.

        Raises:
            ModelDataUnavailable
            SandboxUnavailable: Also where its machine is lost meanwhile.
            AccessDenied: The role is gone.
        """
        means, variant, folder = self._means, self.variant, self._folder
        assert self._image is not None
        if self._model is not None:
            if node is not None:  # its keys are good for an hour: a download may take no longer
                session = await sessions.assume(means.roles, variant.role_arn)
            try:
                await self._model_data.bring(self._wanted, session, self._model, node)
            except NodeGone as error:
                raise SandboxUnavailable(str(error)) from error
        credentials = RoleCredentials(folder.role, variant.role_arn, means.roles, means.clock, self._write)
        await credentials.write(session.credentials)
        self._renewing = asyncio.create_task(credentials.keep_renewed())
        spec = spec_of(
            self._owner.scope,
            variant,
            self._record.instance_id + (f"-{self._number}" if self._number else ""),
            folder,
            self._model,
            self._code,
            self._image,
            means.surroundings,
            self._own,
        )
        spec = placed_server(spec, node, folder, means.surroundings)
        starting = asyncio.create_task(means.executor.start(spec, lambda stream, line: self._write(line)))
        try:
            self.sandbox = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A process half started would be nobody's: let it come up, then `clear` kills it.
            self.sandbox = await starting
            raise
        self.replica = Replica(
            self._record.instance_id, address_of(means.executor, spec.name, folder, self._own)
        )
        if variant.multi_model:
            show = partial(means.executor.show, spec.name)
            self.replica.models = self._models(self.replica, folder.models, show, node)

    async def clear(self) -> None:
        """End what there is of it, however far it came."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self.sandbox is not None:
            await self.sandbox.kill()
        if self._own is not None:
            self._own.release()
        if self.replica is not None:
            self.replica.close()

    @property
    def _name(self) -> str:
        return self.variant.name + (f".{self._number}" if self._number else "")

    def _models(
        self, replica: Replica, folder: Path, show: Callable[[Path], Awaitable[None]], node: str | None
    ) -> ReplicaModels:
        means, variant, scope = self._means, self.variant, self._owner.scope
        dimensions = {"EndpointName": self._owner.name, "VariantName": variant.name}

        async def ask(method: bytes, path: bytes, body: bytes, timeout_s: float) -> ReplicaResponse:
            headers = {"content-type": "application/json"} if body else {}
            return await replica.request(method, path, headers, body, timeout_s, most_bytes=_CONTROL_BYTES)

        def record(name: str, value: float) -> None:
            # Documented, with all names: SageMaker Developer Guide, multi-model endpoint metrics.
            unit = "None" if name == "ModelCacheHit" else "Microseconds"
            means.metrics.record(scope, "AWS/SageMaker", [MetricValue(name, value, unit, dimensions)])

        store = ModelStore(means, self._model_data, variant, scope.region, folder, show, node=node)
        return ReplicaModels(
            ask, store, record, keeps=variant.caches_models, load_s=variant.startup_timeout_s
        )

    async def _pull(self, image: Image, principal: Principal) -> None:
        registry = self._means.images.registry
        assert registry is not None
        self._say(f"pulling {image.uri}")
        self._own = await registry.bring(image.uri, principal)

    async def _with_code(self, image: Image, session: RoleSession) -> Image:
        """Return the image whose environment has what the model's code imports."""
        means, variant, looked = self._means, self.variant, self._looked
        await asyncio.to_thread(
            model_cache.link,
            means.surroundings.model_cache,
            self._folder.packages,
            mounted=means.executor.has_private_networks,
        )
        if archive := source.archive_of(variant.environment, variant.network_isolation):
            self._code = self._of_endpoint.code(self._record.generation, self._name)
            wanted = replace(self._wanted, uri=archive, layout="archive")
            await self._model_data.bring(wanted, session, self._code)
        if code := self._code or (looked and looked.code):
            image = await require_imports(means.images, image, variant, code, self._say)
        return image

    @property
    def _wanted(self) -> WantedModel:
        one, region = self.variant, self._owner.scope.region
        return WantedModel(
            one.name, one.model_data, one.model_layout, one.role_arn, one.download_timeout_s, region
        )

    def _say(self, line: str) -> None:
        self._write(f"sagehen: {line}")
