"""The commands: import, and the registry's part of list and remove."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sagehen.cli.failure import fail
from sagehen.cli.images.own.archive import ImageFile, StoredImage, UnusableFile
from sagehen.cli.images.own.pushing import Refused, Registry
from sagehen.cli.running import NotRunning, RunningPlatform

_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


def bring(data_folder: Path, file: Path, name: str | None) -> None:
    """Push the images of a file to the running platform's registry."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        platform = RunningPlatform.find(data_folder)
        with ImageFile(file) as images:
            found = images.images()
            if not found:
                fail(f"{file} holds no image")
            if name is not None and len(found) > 1:
                fail(f"{file} holds {len(found)} images, which cannot all be called {name}")
            for image in found:
                _bring(platform, images, image, name)
    except (NotRunning, UnusableFile, Refused, BotoCoreError, ClientError, OSError) as error:
        fail(str(error))


def _bring(platform: RunningPlatform, images: ImageFile, image: StoredImage, name: str | None) -> None:
    repository, tag = named(name or image.name)
    if not repository:
        fail("the file does not say what the image is called: add --name REPOSITORY:TAG")
    ecr = platform.client("ecr")
    try:
        uri = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]["repositoryUri"]
    except ecr.exceptions.RepositoryNotFoundException:
        uri = ecr.create_repository(repositoryName=repository)["repository"]["repositoryUri"]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    at = urlsplit(platform.url)
    registry = Registry(at.hostname or "127.0.0.1", at.port or platform.port, token)
    digest, sent = registry.push(repository, tag, image, images.open)
    print(f"{uri}:{tag}  {digest}  ({sent / 1e6:.1f} MB sent)")


def named(name: str) -> tuple[str, str]:
    """Return repository and tag of a name, without a registry's host and Docker's `library/`."""
    name = name.partition("@")[0]
    head, slash, rest = name.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        name = rest
    repository, _, tag = name.partition(":")
    if not slash and not repository and _TAG.fullmatch(name):
        return "", name
    return repository.removeprefix("library/"), tag or "latest"


def show(data_folder: Path) -> None:
    """Print the images of the running platform's registry; nothing where none runs."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        ecr = RunningPlatform.find(data_folder).client("ecr")
        for page in ecr.get_paginator("describe_repositories").paginate():
            for repository in page["repositories"]:
                _show(ecr, repository)
    except (NotRunning, BotoCoreError, ClientError):
        return


def _show(ecr: Any, repository: dict[str, Any]) -> None:
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository["repositoryName"])
    for image in (image for page in pages for image in page["imageDetails"]):
        names = [f":{tag}" for tag in image.get("imageTags", ())] or [f"@{image['imageDigest']}"]
        size = f"{image['imageSizeInBytes'] / 1e6:.1f} MB"
        print(f"own     {repository['repositoryUri']}{', '.join(names)}  {size}")


def remove(data_folder: Path, name: str) -> bool:
    """Delete a tag of the registry, and with the last one its image; return False where there is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    repository, tag = named(name)
    try:
        ecr = RunningPlatform.find(data_folder).client("ecr")
        done = ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except (NotRunning, BotoCoreError, ClientError):
        return False
    return bool(done["imageIds"])
