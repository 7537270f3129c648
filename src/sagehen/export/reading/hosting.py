"""Models, endpoint configurations, endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Image, Key, Named, Stored
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.reverse import properties

MODEL, CONFIG, ENDPOINT = (f"AWS::SageMaker::{noun}" for noun in ("Model", "EndpointConfig", "Endpoint"))
_VARIANTS = ("ProductionVariants", "ShadowProductionVariants")


def hosting(asked: Asked) -> Iterator[Node]:
    """Yield all of them."""
    for listed in asked.all("sagemaker", "list_models", "Models"):
        if described := asked.one("sagemaker", "describe_model", ModelName=listed["ModelName"]):
            yield _model(asked, described)
    for listed in asked.all("sagemaker", "list_endpoint_configs", "EndpointConfigs"):
        name = listed["EndpointConfigName"]
        if described := asked.one("sagemaker", "describe_endpoint_config", EndpointConfigName=name):
            yield _config(asked, described)
    for listed in asked.all("sagemaker", "list_endpoints", "Endpoints"):
        if described := asked.one("sagemaker", "describe_endpoint", EndpointName=listed["EndpointName"]):
            yield _endpoint(asked, described)


def _made(asked: Asked, type_: str, noun: str, described: Mapping[str, Any]) -> Node:
    name, arn = described[f"{noun}Name"], described[f"{noun}Arn"]
    told = {**described, "Tags": asked.all("sagemaker", "list_tags", "Tags", ResourceArn=arn)}
    found = properties(type_, told, asked.input_shape("sagemaker", f"Create{noun}"))
    return Node(Key(type_, name), name, found, {arn: ""})


def _model(asked: Asked, described: Mapping[str, Any]) -> Node:
    node = _made(asked, MODEL, "Model", described)
    name, found = described["ModelName"], dict(node.properties)
    if primary := found.get("PrimaryContainer"):
        found["PrimaryContainer"] = _container(primary, name)
    if several := found.get("Containers"):
        found["Containers"] = [_container(one, f"{name} {place}") for place, one in enumerate(several, 1)]
    for container in (primary, *(several or ())):
        if package := (container or {}).get("ModelPackageName"):
            asked.leave_out(f"model package {package}, which the model {name} is made of", node.key)
    return Node(node.key, node.label, found, node.mentions)


def _container(container: Mapping[str, Any], label: str) -> dict[str, Any]:
    found = dict(container)
    if "Image" in found:
        found["Image"] = Image(found["Image"])
    if "ModelDataUrl" in found:
        found["ModelDataUrl"] = Stored(found["ModelDataUrl"], label)
    source = found.get("ModelDataSource", {}).get("S3DataSource")
    if source:
        stored = Stored(source["S3Uri"], label)
        found.pop("ModelDataUrl", None)
        found["ModelDataSource"] = {"S3DataSource": {**source, "S3Uri": stored}}
    return found


def _config(asked: Asked, described: Mapping[str, Any]) -> Node:
    node = _made(asked, CONFIG, "EndpointConfig", described)
    found = dict(node.properties)
    for member in _VARIANTS:
        if member in found:
            found[member] = [_variant(one) for one in found[member]]
    return Node(node.key, node.label, found, node.mentions)


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    if "ModelName" not in variant:
        return dict(variant)
    name = variant["ModelName"]
    return {**variant, "ModelName": Named(Key(MODEL, name), "ModelName", name)}


def _endpoint(asked: Asked, described: Mapping[str, Any]) -> Node:
    # What it was last deployed by is what it is to be deployed by.
    asked_for = {**described, "DeploymentConfig": described.get("LastDeploymentConfig")}
    node = _made(asked, ENDPOINT, "Endpoint", asked_for)
    name, config = described["EndpointName"], described["EndpointConfigName"]
    for one in asked.all(
        "sagemaker", "list_inference_components", "InferenceComponents", EndpointNameEquals=name
    ):
        asked.leave_out(f"inference component {one['InferenceComponentName']} of {name}", node.key)
    named = Named(Key(CONFIG, config), "EndpointConfigName", config)
    return Node(node.key, node.label, {**node.properties, "EndpointConfigName": named}, node.mentions)
