"""Image URIs: what an ECR name asks for, and the local Python environment that answers for it.

No image is pulled. A name of AWS's framework images is mapped to the environment that Sagehen is
installed in; the job's log says which versions were asked for and which are used.
"""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib import metadata

from sagehen.api.errors import NotImplementedOperation

# Documented: Amazon ECR User Guide, private registries; accounts of AWS's own images differ by region.
_URI = re.compile(
    r"^(?P<registry>\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?)/"
    r"(?P<repository>[a-z0-9._/-]+)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?$"
)
# (framework, purposes) of each ECR repository that AWS publishes and that a local environment stands for.
# Documented: AWS Deep Learning Containers, available images; SageMaker's own in `sagemaker.image_uris`.
_REPOSITORIES = {
    "pytorch-training": ("pytorch", ("training",)),
    "pytorch-inference": ("pytorch", ("inference",)),
    "sagemaker-pytorch": ("pytorch", ("training", "inference")),
    "sagemaker-scikit-learn": ("sklearn", ("training", "inference")),
}
_DISTRIBUTIONS = {"pytorch": "torch", "sklearn": "scikit-learn"}
_PRELOADS = {"pytorch": "torch", "sklearn": None}


@dataclass(frozen=True, slots=True)
class Image:
    """One mapped image.

    Args:
        uri: As the client sent it.
        framework: `pytorch` or `sklearn`.
        purposes: What it is for: `training`, `inference`.
        wanted_version: The framework's version in the tag, or '' where there is none.
        local_version: The version installed here.
    """

    uri: str
    framework: str
    purposes: tuple[str, ...]
    wanted_version: str
    local_version: str

    @property
    def warm_parent(self) -> str | None:
        """The preload set from which its processes are forked."""
        return _PRELOADS[self.framework]

    def describe(self) -> str:
        """Return the line that logs show: what was asked for and what is used."""
        distribution = _DISTRIBUTIONS[self.framework]
        wanted = f"{distribution} {self.wanted_version}" if self.wanted_version else distribution
        return (
            f"image {self.uri} is mapped to the local environment: Python "
            f"{platform.python_version()}, {distribution} {self.local_version} (asked for: {wanted})"
        )


def resolve(uri: str, purpose: str) -> Image:
    """Map an image URI to the local environment.

    Args:
        uri: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, or `<repository>:<tag>`.
        purpose: `training` or `inference`.

    Raises:
        NotImplementedOperation: Nothing here stands for the image: it is not mapped for this purpose, or the
            framework is not installed. The user did nothing wrong.
    """
    match = _URI.match(uri)
    repository, tag = (match["repository"], match["tag"]) if match else (uri.partition(":")[::2])
    known = _REPOSITORIES.get(repository)
    if known is None or purpose not in known[1]:
        raise NotImplementedOperation(
            f"Sagehen runs no images, and {uri} is not mapped to a local environment for {purpose}. "
            f"Mapped images: {', '.join(_mapped_for(purpose))}."
        )
    framework, purposes = known
    distribution = _DISTRIBUTIONS[framework]
    try:
        local = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        raise NotImplementedOperation(
            f"Image {uri} needs {distribution}, which is not installed beside Sagehen. Install it there "
            f"(`pip install {distribution}`; `make environment` in the project's folder)."
        ) from None
    return Image(uri, framework, purposes, _version(tag or ""), local)


def _mapped_for(purpose: str) -> list[str]:
    return sorted(name for name, (_, purposes) in _REPOSITORIES.items() if purpose in purposes)


def _version(tag: str) -> str:
    """Return the leading version of a tag: `2.1.0-gpu-py310` -> `2.1.0`, `1.2-1-cpu-py3` -> `1.2-1`."""
    match = re.match(r"\d+(?:\.\d+)*(?:-\d+(?=-))?", tag)
    return match[0] if match else ""
