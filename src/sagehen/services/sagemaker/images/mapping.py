"""Images: what an image's name asks for, and the environment on this machine that answers for it.

In this order: what the operator mapped the name to; an image of that name in this platform's own registry,
which runs as it is; an environment that was built for the image; the environment that Sagehen is installed
in. The job's log says which it is, and which versions were asked for and are used.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.ports.compute.container_images import ContainerImages
from sagehen.executors.base import Interpreter
from sagehen.executors.environments import catalogue, plan
from sagehen.executors.environments.build import BuildFailed
from sagehen.executors.environments.builds import Builds
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.resolver import EnvironmentGone, Environments

# Kinds of work for which an image of one's own is run.
RUN_AS_THEY_ARE = ("training", "inference", "processing")


@dataclass(frozen=True, slots=True)
class Image:
    """One image, and what stands for it.

    Args:
        uri: As the client sent it.
        promise: What the catalogue knows of it; None where the operator mapped a name of his own.
        environment: What stands for it.
        option: What a printed command needs to reach this platform's data folder.
        own: It is an image of this platform's registry, which runs as it is: nothing stands for it.
    """

    uri: str
    promise: FrameworkImage | None
    environment: Environment
    option: str = ""
    own: bool = False

    @property
    def framework(self) -> str:
        """`pytorch`, `sklearn`, ...; `auto` where nothing says it."""
        return "auto" if self.promise is None else self.promise.framework

    @property
    def wanted_version(self) -> str:
        """The framework's version in the tag, or '' where there is none."""
        return "" if self.promise is None else self.promise.wanted_version

    @property
    def local_version(self) -> str:
        """The version of the framework that stands for it; '' where there is none."""
        name = None if self.promise is None else self.promise.distribution
        return self.environment.distributions.get(name, "") if name else ""

    @property
    def warm_parent(self) -> str | None:
        """The preload set from which its processes are forked."""
        if self.own or self.environment.kind == "unbuilt":
            return None
        if self.promise is None:
            return "torch" if "torch" in self.environment.distributions else None
        return self.promise.preload

    @property
    def interpreter(self) -> Interpreter | None:
        """Of its processes; None: the platform's own."""
        return self.environment.interpreter

    @property
    def promised(self) -> frozenset[str]:
        """The modules of the packages that are built for it."""
        packages = () if self.promise is None else self.promise.packages
        return frozenset(catalogue.import_name(plan.name_of(package)) for package in packages)

    def added_for(self, modules: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return what of these modules is added at the start, as AWS's image has it, with what is installed.

        An environment of the operator's own is as he made it.
        """
        if self.promise is None or self.environment.kind == "mapped":
            return {}
        return {module: self.promise.added[module] for module in modules if module in self.promise.added}

    @property
    def build_command(self) -> str:
        """The command that builds an environment for it, where the catalogue knows its name."""
        bare = self.uri.rpartition("/")[2].partition("@")[0]
        return f"sagehen images build {shlex.quote(bare)}{self.option}"

    def describe(self) -> str:
        """Return the line that logs show: what was asked for and what is used."""
        if self.own:
            return f"image {self.uri} of this platform's registry runs as it is"
        has = self.environment
        where = f"{has.label} built for it" if has.kind == "built" else has.label
        line = f"image {self.uri} is mapped to {where}: Python {has.python}"
        if self.promise is None or self.promise.distribution is None:
            return line
        name = self.promise.distribution
        if self.promise.is_algorithm:
            line = f"{line}, {name} {self.local_version or 'missing'}, which stands for AWS's own algorithm"
            return "; ".join((line, *has.notes))
        wanted = f"{name} {self.promise.pins.get(name, self.wanted_version)}".rstrip()
        version = self.local_version or "missing"
        return "; ".join((f"{line}, {name} {version} (asked for: {wanted})", *has.notes))


class Images:
    """Resolves the names of images.

    Args:
        environments: What there is on this machine.
        option: What a printed command needs to reach this platform's data folder: ` --data ...`, or nothing.
        builds: Makes environments at their first use (`sagehen up --images build`); None leaves it to the
            operator.
        registry: Has images that run as they are.
    """

    def __init__(
        self,
        environments: Environments | None = None,
        option: str = "",
        builds: Builds | None = None,
        registry: ContainerImages | None = None,
    ) -> None:
        self._environments = environments or Environments()
        self._option = option
        self._builds = builds
        self.registry = registry

    def resolve(self, uri: str, purpose: str, account_id: str | None = None) -> Image:
        """Return what stands for an image.

        Args:
            uri: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, or `<repository>:<tag>`.
            purpose: `training`, `inference` or `processing`.
            account_id: Whose registry is known to be this platform's, to the last repository.

        Raises:
            NotImplementedOperation: Nothing here stands for the image. The user did nothing wrong.
            ValidationException: This platform's registry has the repository, and not the image; or it is the
                account's own, and has not even that.
        """
        promise = catalogue.find(uri)
        try:
            mapped = self._environments.of_operator(uri)
        except EnvironmentGone as error:
            raise NotImplementedOperation(f"{error}.") from None
        if mapped is not None:
            return Image(uri, promise, mapped, self._option)
        if self.registry is not None and (there := self.registry.has(uri)) is not None:
            return self._own(uri, purpose, there)
        if promise is None and (algorithm := catalogue.algorithm_without_library(uri)):
            raise NotImplementedOperation(
                f"{uri} is SageMaker's own algorithm {algorithm}, for which no library stands here. An image "
                "of your own with that name in this platform's registry runs instead."
            )
        if promise is None and self.registry is not None and uri.startswith(f"{account_id}.dkr.ecr."):
            raise _not_found(uri)
        if promise is None or purpose not in promise.purposes:
            raise NotImplementedOperation(
                f"{uri} is not mapped to a local environment for {purpose}, and in no registry here. "
                f"Mapped images: {', '.join(catalogue.repositories(purpose))}. An environment of your own "
                f"stands for it after `sagehen images use PATTERN VENV`."
            )
        built = self._environments.of_image(promise)
        if built is not None:
            return Image(uri, promise, built, self._option)
        local = Image(uri, promise, self._environments.local(), self._option)
        if promise.distribution is not None and not local.local_version:
            if self._builds is not None and promise.listed:
                return Image(uri, promise, self._environments.unbuilt(promise), self._option)
            raise NotImplementedOperation(
                f"Image {uri} needs {promise.distribution}, which is not installed beside Sagehen. "
                f"`{local.build_command}` makes an environment that has it."
            )
        return local

    def resolved(self, uri: str) -> str:
        """Return the URI of an image of this platform's registry by its digest; any other as it is."""
        return (self.registry.resolved(uri) if self.registry is not None else None) or uri

    def _own(self, uri: str, purpose: str, there: bool) -> Image:
        if not there:
            raise _not_found(uri)
        if purpose not in RUN_AS_THEY_ARE:
            raise NotImplementedOperation(
                f"Images of one's own run in jobs for {', '.join(RUN_AS_THEY_ARE)}; {purpose} on {uri} is "
                "not implemented."
            )
        return Image(uri, None, self._environments.local(), self._option, own=True)

    def wants_building(self, image: Image, missing: Collection[str] = ()) -> bool:
        """Tell whether an image's environment is to be built now.

        Args:
            missing: Modules for lack of which a source would fail where it is.
        """
        if self._builds is None or image.promise is None or not image.promise.listed:
            return False  # anybody can think of tags; those of AWS's own come to an end
        if image.environment.kind == "unbuilt":
            return True
        return image.environment.kind == "local" and bool(missing) and set(missing) <= image.promised

    async def built(self, image: Image, say: Callable[[str], None]) -> Image:
        """Return an image whose environment was built; `wants_building` said so.

        Raises:
            BuildFailed, UvMissing: It cannot be.
        """
        assert self._builds is not None and image.promise is not None
        await self._builds.bring(image.promise, say)
        environment = self._environments.of_image(image.promise)
        if environment is None:
            raise BuildFailed("what was built has been removed")
        return replace(image, environment=environment)

    async def stop(self) -> None:
        """End what is being built."""
        if self._builds is not None:
            await self._builds.stop()


def _not_found(uri: str) -> ValidationException:
    # Recorded of CreateModel: aws-samples/easy-amazon-sagemaker-deployments issue 4.
    return ValidationException(f"Requested image {uri} not found.")
