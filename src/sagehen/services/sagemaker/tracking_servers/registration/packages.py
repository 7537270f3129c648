"""What a registered model and its versions are in SageMaker's registry. Pure.

Names of the version's own properties are ours; everything else is documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sagehen.services.sagemaker.tracking_servers.tracking_server import TrackingServer

# Of a version: the package that it is.
ARN_TAG = "sagemaker.model_package_arn"
# Beside the model's files: what deploys it.
SPECIFICATION = "sagemaker_inference_specification.json"
_ALIAS = re.compile(r"sagemakerlifecycle-(staging|production)-(pending|active)")
_SUFFIX, _TOKEN = 6, 36
_LONGEST_GROUP, _LONGEST_TEXT, _LONGEST_VALUE = 63, 1024, 256
_GROUP = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


class NoGroupName(Exception):
    """No group can have the name that a model would give it."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version of a registered model, as MLflow tells it.

    Args:
        package_arn: Of the package that it is already, or ''.
    """

    name: str
    version: str
    run_id: str = ""
    description: str = ""
    package_arn: str = ""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> ModelVersion:
        """Return one of MLflow's answers; what is not there is empty."""
        listed = told.get("tags")
        tags = {
            tag.get("key"): tag.get("value")
            for tag in (listed if isinstance(listed, list) else ())
            if isinstance(tag, dict)
        }
        return cls(
            name=str(told.get("name", "")),
            version=str(told.get("version", "")),
            run_id=str(told.get("run_id") or ""),
            description=str(told.get("description") or ""),
            package_arn=str(tags.get(ARN_TAG) or ""),
        )


def group_name(server: TrackingServer, model: str) -> str:
    """Return the name of a registered model's group.

    Raises:
        NoGroupName: It would be none; documented of spaces.
    """
    name = f"{model}-{sha256(server.name.encode()).hexdigest()[:_SUFFIX]}"
    if len(name) > _LONGEST_GROUP or not _GROUP.fullmatch(name):
        raise NoGroupName(f"the model {model!r} cannot be registered: {name!r} is no name of a group")
    return name


def package_request(
    server: TrackingServer, version: ModelVersion, artifacts: str, specification: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return CreateModelPackage's request for a version.

    Args:
        artifacts: The S3 URI of its files.
        specification: What was logged beside them, or None.

    Raises:
        NoGroupName: See `group_name`.
    """
    # A version is registered once, also where its tag got lost with the platform.
    token = sha256(f"{server.id}/{version.name}/{version.version}".encode()).hexdigest()[:_TOKEN]
    told = {
        "mlflow.uri": f"models:/{version.name}/{version.version}",
        "mlflow.run_id": version.run_id,
        "mlflow.tracking_server": server.arn,
    }
    request: dict[str, Any] = {
        "ModelPackageGroupName": group_name(server, version.name),
        "ClientToken": token,
        "SourceUri": artifacts,
        "CustomerMetadataProperties": {name: value[:_LONGEST_VALUE] for name, value in told.items() if value},
    }
    if text := "".join(filter(str.isprintable, version.description))[:_LONGEST_TEXT]:
        request["ModelPackageDescription"] = text
    if specification:
        request["InferenceSpecification"] = specification
    return request


def lifecycle(alias: str) -> dict[str, str] | None:
    """Return the ModelLifeCycle that an alias says, or None."""
    matched = _ALIAS.fullmatch(alias)
    return None if matched is None else {"Stage": matched[1], "StageStatus": matched[2]}
