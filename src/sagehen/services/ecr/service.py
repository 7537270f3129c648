"""EcrService: ECR put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.api.operation import Service
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.identities import Identities
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.images.contents import ContentStore
from sagehen.images.roots.store import RootStore
from sagehen.services.ecr.access.operations import Registry
from sagehen.services.ecr.access.tokens import Tokens
from sagehen.services.ecr.distribution.blobs import Blobs
from sagehen.services.ecr.distribution.manifests import Manifests
from sagehen.services.ecr.distribution.protocol import Distribution
from sagehen.services.ecr.for_services import ImagesForServices
from sagehen.services.ecr.images.keeping import Keeper
from sagehen.services.ecr.images.operations import Images
from sagehen.services.ecr.layers.operations import Layers
from sagehen.services.ecr.layers.uploading import Uploads
from sagehen.services.ecr.lifecycle.operations import Lifecycle
from sagehen.services.ecr.repositories.operations import Repositories
from sagehen.services.ecr.repositories.policies import Policies
from sagehen.services.ecr.repositories.records import Records
from sagehen.services.ecr.repositories.tags import Tags
from sagehen.store.database import Database

_HOUR_S = 3600.0


class EcrService:
    """Amazon ECR.

    Args:
        database: Where repositories and manifests are stored.
        contents: Where layers lie.
        roots: What is unpacked of images that run.
        clock: Dates pushes; images grow old by it.
        identities: Whom an access key proves, for tokens.
        authorizer: IAM's evaluator; it must know the repositories' own policies (`ecr`).
        documents: The grammar of policies.

    Attributes:
        resource_policies: Of repositories, for the evaluator.
        distribution: Answers the registry's own protocol.
        images: For services that run them.
    """

    def __init__(
        self,
        *,
        database: Database,
        contents: ContentStore,
        roots: RootStore,
        clock: Clock,
        identities: Identities,
        authorizer: Authorizer,
        documents: ResourceDocuments,
    ) -> None:
        self._records = records = Records(database)
        self._contents = contents
        keeper = Keeper(records, contents, clock)
        uploads = Uploads(records, contents, clock)
        tokens = Tokens(records, identities, clock)
        self._lifecycle = lifecycle = Lifecycle(records, keeper, clock)
        self.resource_policies = policies = Policies(records, documents, authorizer)
        self.distribution = Distribution(
            records, tokens, authorizer, Blobs(records, uploads, contents), Manifests(records, keeper)
        )
        self._roots = roots
        self.images = ImagesForServices(records, keeper, contents, roots, authorizer)
        self._service = Service(
            "ecr",
            (
                *(Repositories(records, contents, clock), policies, Tags(records)),
                *(Images(records, keeper), Layers(records, uploads, tokens), lifecycle, Registry(tokens)),
            ),
        )
        # What is due now is done at the first round after a start, not at the start itself.
        self._expiring = Rounds(
            "ecr-lifecycle", lifecycle.act, clock, _HOUR_S, tale="Expiring images", wake=lifecycle.poked
        )
        self._uploads = uploads
        self._sweeping = Rounds(
            "ecr-uploads", self._sweep, clock, _HOUR_S, tale="Sweeping uploads", at_once=False
        )

    @property
    def services(self) -> Sequence[Service]:
        """ECR alone."""
        return (self._service,)

    def resource_tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a repository; none where there is no such."""
        repository = self.resource_policies.repository_of(arn)
        return {} if repository is None else repository.tags

    async def start(self) -> None:
        """Sweep what an earlier life left, begin what goes on by itself."""
        self._contents.prepare()
        await self._contents.sweep(self._records.known_blobs, self._records.known_uploads)
        await self._roots.keep(self._records.known_blobs)
        self._expiring.start()
        self._sweeping.start()

    async def stop(self) -> None:
        """End it."""
        await self._expiring.stop()
        await self._sweeping.stop()
        await self._roots.stop()
        self._contents.close()

    async def reset(self) -> None:
        """Forget contents, whose rows are gone."""
        self._lifecycle.forget()
        await self._contents.discard_all()
        await self._roots.keep(lambda _: set())

    async def _sweep(self) -> None:
        await self._uploads.sweep()
        await self._roots.keep(self._records.known_blobs)
