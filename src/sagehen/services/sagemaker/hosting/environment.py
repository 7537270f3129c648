"""Whether what stands for a model's image has what the model's code imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sagehen.services.sagemaker.hosting.served import Served
from sagehen.services.sagemaker.images import imports
from sagehen.services.sagemaker.images.imports import Script
from sagehen.services.sagemaker.images.mapping import Image, Images
from sagehen.services.sagemaker.instances import environment as instance_environment


async def require_imports(
    images: Images, image: Image, served: Served, code: Path, say: Callable[[str], None]
) -> Image:
    """Say what the model's code imports and its environment has not; build that where it is asked for.

    Args:
        code: The folder that holds it.
        say: Takes a line for the instance's log.

    Raises:
        ImportsMissing: It would not come up.
        BuildFailed, UvMissing: Its environment cannot be built.
    """
    entry = served.environment.get("SAGEMAKER_PROGRAM") or "inference.py"
    script = Script(code, entry)
    if "PYTHONPATH" in served.environment:  # where modules come from is the user's own
        return image
    provided = instance_environment.stand_in_names("modelserver")
    lacks = await imports.lacks_of(image, script, provided)
    if images.wants_building(image, lacks.certain):
        image = await images.built(image, say)
        say(image.describe())
        lacks = await imports.lacks_of(image, script, provided)
    if note := imports.require(image, lacks, script):
        say(note)
    return image
