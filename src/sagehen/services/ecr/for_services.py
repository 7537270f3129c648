"""Images for services that run them: found by their URIs, pulled with somebody's rights, unpacked."""

from __future__ import annotations

import asyncio
import re
import signal

from sagehen.api.errors import ServiceError
from sagehen.domain.access import Access
from sagehen.domain.identity import Principal
from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.images.configuration import (
    MAX_BYTES,
    Configuration,
    UnusableImage,
    host_architecture,
    read_configuration,
    require_platform,
)
from sagehen.images.contents import BlobTooLarge, ContentStore
from sagehen.images.digests import is_digest
from sagehen.images.manifests import Manifest, read_manifest
from sagehen.images.media_types import CONFIGS
from sagehen.images.roots.bounds import UnusableLayer
from sagehen.images.roots.store import Abandoned, RootStore
from sagehen.images.users import user_of
from sagehen.services.ecr.errors import no_such_image
from sagehen.services.ecr.images.keeping import Keeper
from sagehen.services.ecr.repositories.records import Records
from sagehen.services.ecr.repositories.repository import is_name, repository_arn

_URI = re.compile(
    r"(\d{12})\.dkr\.ecr\.([a-z0-9-]{1,30})\.amazonaws\.com(?:\.cn)?/([a-z0-9._/-]{2,256})"
    r"(?::([\w.-]{1,128}))?(?:@(sha256:[0-9a-f]{64}))?"
)
# Documented: SageMaker, "Create an execution role": what pulling an image takes.
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
_MOST_NESTING = 4


class ImageUnusable(ServiceError):
    """The image is not there, or cannot be run here."""


class ImagesForServices:
    """The port ContainerImages.

    Args:
        contents, roots: Where layers lie, and what is unpacked of them.
        authorizer: IAM's evaluator.
    """

    def __init__(
        self,
        records: Records,
        keeper: Keeper,
        contents: ContentStore,
        roots: RootStore,
        authorizer: Authorizer,
    ) -> None:
        self._records = records
        self._keeper = keeper
        self._contents = contents
        self._roots = roots
        self._authorizer = authorizer

    def has(self, uri: str) -> bool | None:
        """See `ContainerImages.has`."""
        named = _named(uri)
        if named is None or self._records.repository(named[0], named[1]) is None:
            return None
        return self._keeper.find(*named) is not None

    def resolved(self, uri: str) -> str | None:
        """See `ContainerImages.resolved`."""
        named = _named(uri)
        found = None if named is None else self._keeper.find(*named)
        # What is before tag and digest: a repository's name has no colon.
        return None if found is None else f"{uri.partition('@')[0].partition(':')[0]}@{found.digest}"

    async def bring(self, uri: str, principal: Principal | None) -> ContainerImage:
        """See `ContainerImages.bring`.

        Raises:
            AccessDenied, ImageNotFoundException, ImageUnusable.
        """
        named = _named(uri)
        if named is None:
            raise ImageUnusable(f"{uri[:300]} names no image of a registry.")
        scope, repository, digest, tag = named
        if principal is not None:
            for action in _PULL:
                self._authorizer.authorize(principal, Access(action, repository_arn(scope, repository)), {})
        image = self._keeper.find(scope, repository, digest, tag)
        if image is None:
            raise no_such_image(scope, repository, digest, tag)
        try:
            manifest = await self._manifest(scope, repository, image.digest)
            self._require_layers(scope, repository, manifest)
            return await self._unpacked(image.digest, manifest)
        except (UnusableImage, UnusableLayer) as error:
            raise ImageUnusable(f"The image {uri} cannot be run here: {error}.") from None
        except (FileNotFoundError, Abandoned):
            raise ImageUnusable(f"The image {uri} was deleted meanwhile.") from None

    async def _manifest(self, scope: Scope, repository: str, digest: str) -> Manifest:
        """Return the manifest of an image, of an index that of this machine's."""
        for _ in range(_MOST_NESTING):
            image = self._keeper.find(scope, repository, digest, None)
            body = None if image is None else await self._keeper.pulled(scope, repository, image)
            if image is None or body is None:
                raise FileNotFoundError(digest)
            manifest = read_manifest(body, image.media_type)
            if not manifest.is_index:
                return manifest
            here = [one for one in manifest.manifests if _is_for_here(one.platform or {})]
            if not here:
                kinds = sorted({_shown(one.platform or {}) for one in manifest.manifests})[:10]
                raise UnusableImage(
                    f"it is for {', '.join(kinds)}, and this machine is linux/{host_architecture()}"
                )
            digest = here[0].digest
        raise UnusableImage("its index leads to indexes that lead to no image")

    def _require_layers(self, scope: Scope, repository: str, manifest: Manifest) -> None:
        """Check that the repository has what its manifest names: contents are shared, and whoever knows only
        the name of somebody else's does not get it. Layers that "lie elsewhere" may be put without.

        Raises:
            UnusableImage
        """
        for number, layer in enumerate(manifest.layers, 1):
            if self._records.layer_size(scope, repository, layer.digest) is None:
                raise UnusableImage(f"layer {number} of {len(manifest.layers)} was not pushed with it")

    async def _unpacked(self, digest: str, manifest: Manifest) -> ContainerImage:
        config = manifest.config
        if config is None or config.media_type not in CONFIGS:
            raise UnusableImage("it is an artifact, and no image that can be run")
        try:
            body = await self._contents.read(config.digest, MAX_BYTES)
        except BlobTooLarge:
            raise UnusableImage("its configuration is too large") from None
        said = await asyncio.to_thread(read_configuration, body)
        if len(said.diff_ids) != len(manifest.layers):
            raise UnusableImage("its configuration and its manifest do not name as many layers")
        layers = [
            (self._contents.path(layer.digest), diff_id)
            for layer, diff_id in zip(manifest.layers, said.diff_ids, strict=True)
        ]
        release = self._roots.hold(config.digest)
        try:
            folder = await self._roots.bring(config.digest, layers)
            user = await asyncio.to_thread(user_of, folder, said.user)
            return ContainerImage(
                digest, folder, said.entrypoint, said.command, said.environment, user.uid, user.gid,
                user.groups, user.home, said.working_directory, _signal(said), release, config.digest,
                tuple(layers),
            )  # fmt: skip
        except BaseException:
            release()
            raise


def _named(uri: str) -> tuple[Scope, str, str | None, str | None] | None:
    """Return registry, repository, digest and tag of a URI."""
    matched = _URI.fullmatch(uri)
    if matched is None or not is_name(matched[3]):
        return None
    digest, tag = matched[5], matched[4]
    assert digest is None or is_digest(digest)
    return Scope(matched[1], matched[2]), matched[3], digest, tag or (None if digest else "latest")


def _is_for_here(platform: object) -> bool:
    try:
        require_platform(platform if isinstance(platform, dict) else {})
    except UnusableImage:
        return False
    return True


def _shown(platform: object) -> str:
    said = platform if isinstance(platform, dict) else {}
    return f"{str(said.get('os'))[:20]}/{str(said.get('architecture'))[:20]}"


def _signal(said: Configuration) -> int:
    """Return the number of an image's stop signal."""
    text = said.stop_signal or "SIGTERM"
    if text.isascii() and text.isdigit() and len(text) <= 3 and 0 < int(text) < signal.NSIG:
        return int(text)
    name = text.upper() if text.upper().startswith("SIG") else f"SIG{text.upper()}"
    if name in signal.Signals.__members__:
        return signal.Signals[name].value
    raise UnusableImage(f"its StopSignal is {text[:40]!r}, which is no signal")
