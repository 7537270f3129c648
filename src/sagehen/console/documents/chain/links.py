"""Links: who calls whom, and which permission that takes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from sagehen.console.documents.chain.graph import Link, node_id
from sagehen.console.documents.chain.scene import Scene, Told

INVOKE = "sagemaker:InvokeEndpoint"
# (a role's ARN, an action, a resource) -> whether that is allowed; None where it is not known.
Judge = Callable[[str, str, str], bool | None]
# An integration's URI (documented: API Gateway's API Reference, Integration, uri).
_FUNCTION_URI = re.compile(r":lambda:path/[^/]+/functions/(?P<arn>[^/]+)/invocations$")
_ENDPOINT_URI = re.compile(r":runtime\.sagemaker:path/*endpoints/(?P<name>[^/]+)/invocations")
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_S3_URI = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)


def links(scene: Scene, judge: Judge, invoking: Collection[str]) -> list[Link]:
    """Return all links, each once and judged.

    Args:
        scene: What there is.
        judge: Knows what roles may do.
        invoking: ARNs of the roles that have really called InvokeEndpoint, or tried.
    """
    found = dict.fromkeys(
        (
            *_of_jobs(scene),
            *_of_processing(scene),
            *_of_transforms(scene),
            *_of_models(scene),
            *_of_endpoints(scene),
            *_of_functions(scene, judge, invoking),
            *_of_apis(scene),
            *_of_notifications(scene),
            *_of_scaling(scene),
            *_of_alarms(scene),
        )
    )
    return [judged(link, judge) for link in found]


def judged(link: Link, judge: Judge) -> Link:
    """Return a link with what its role's policies say of it."""
    if not link.role or not link.action or link.allowed is not None:
        return link
    allowed = judge(link.role, link.action, link.resource)
    name = link.role.rpartition("/")[2]
    why = f"the role {name} may not {link.action} on {link.resource}" if allowed is False else ""
    return replace(link, allowed=allowed, why=why)


def s3_parts(uri: str) -> tuple[str, str]:
    """Return bucket and key of an S3 URI; ('', '') for what is none."""
    found = _S3_URI.fullmatch(uri or "")
    return (found["bucket"], found["key"]) if found else ("", "")


def _objects(uri: str) -> str:
    bucket, key = s3_parts(uri)
    return f"arn:aws:s3:::{bucket}/{key.rstrip('*')}{'' if key and not key.endswith('/') else '*'}"


def _of_jobs(scene: Scene) -> Iterator[Link]:
    for job in scene.jobs:
        me, role = node_id("training-job", job["TrainingJobName"]), job.get("RoleArn") or ""
        yield from _role(role, me)
        for channel in job.get("InputDataConfig") or ():
            uri = ((channel.get("DataSource") or {}).get("S3DataSource") or {}).get("S3Uri") or ""
            yield from _reads(uri, me, role)
        yield from _writes((job.get("OutputDataConfig") or {}).get("S3OutputPath") or "", me, role)


def _of_processing(scene: Scene) -> Iterator[Link]:
    for job in scene.processing:
        me, role = node_id("processing-job", job["ProcessingJobName"]), job.get("RoleArn") or ""
        yield from _role(role, me)
        for given in job.get("ProcessingInputs") or ():
            yield from _reads((given.get("S3Input") or {}).get("S3Uri") or "", me, role)
        for made in (job.get("ProcessingOutputConfig") or {}).get("Outputs") or ():
            yield from _writes((made.get("S3Output") or {}).get("S3Uri") or "", me, role)


def _of_transforms(scene: Scene) -> Iterator[Link]:
    roles = {model["ModelName"]: model.get("ExecutionRoleArn") or "" for model in scene.models}
    for job in scene.transforms:
        me, role = node_id("transform-job", job["TransformJobName"]), roles.get(job["ModelName"], "")
        if role:
            yield Link(node_id("model", job["ModelName"]), me, "answers")
            yield from _role(role, me)
        source = (job["TransformInput"].get("DataSource") or {}).get("S3DataSource") or {}
        yield from _reads(source.get("S3Uri") or "", me, role)
        yield from _writes((job.get("TransformOutput") or {}).get("S3OutputPath") or "", me, role)


def _reads(uri: str, me: str, role: str) -> Iterator[Link]:
    if bucket := s3_parts(uri)[0]:
        yield Link(node_id("bucket", bucket), me, "is read by", "s3:GetObject", _objects(uri), role)


def _writes(uri: str, me: str, role: str) -> Iterator[Link]:
    bucket, key = s3_parts(uri)
    if bucket:
        resource = f"arn:aws:s3:::{bucket}/{key.rstrip('/')}/*".replace("//", "/")
        yield Link(me, node_id("bucket", bucket), "writes", "s3:PutObject", resource, role)


def _of_models(scene: Scene) -> Iterator[Link]:
    made = {
        (job.get("ModelArtifacts") or {}).get("S3ModelArtifacts"): job["TrainingJobName"]
        for job in scene.jobs
    }
    for model in scene.models:
        me, role = node_id("model", model["ModelName"]), model.get("ExecutionRoleArn") or ""
        yield from _role(role, me)
        for uri in data_of(model):
            if uri in made:
                yield Link(node_id("training-job", made[uri]), me, "made")
            if bucket := s3_parts(uri)[0]:
                yield Link(node_id("bucket", bucket), me, "is read by", "s3:GetObject", _objects(uri), role)


def data_of(model: Told) -> Iterator[str]:
    """Yield the S3 URIs of a model's artifacts."""
    for container in model.get("Containers") or [model.get("PrimaryContainer") or {}]:
        source = ((container.get("ModelDataSource") or {}).get("S3DataSource") or {}).get("S3Uri")
        if uri := container.get("ModelDataUrl") or source:
            yield uri


def _of_endpoints(scene: Scene) -> Iterator[Link]:
    for endpoint in scene.endpoints:
        configuration = scene.configurations.get(endpoint["EndpointConfigName"]) or {}
        for variant in configuration.get("ProductionVariants") or ():
            if name := variant.get("ModelName"):
                served = node_id("endpoint", endpoint["EndpointName"])
                yield Link(node_id("model", name), served, "is served by")


def _of_functions(scene: Scene, judge: Judge, invoking: Collection[str]) -> Iterator[Link]:
    for function in scene.functions:
        me, role = node_id("function", function["FunctionName"]), function.get("Role") or ""
        yield from _role(role, me)
        values = [*((function.get("Environment") or {}).get("Variables") or {}).values()]
        for endpoint in scene.endpoints:
            # Code says whom it calls, and nobody can read that from it. A variable that names the endpoint
            # does, and a role that calls endpoints, and may call this one.
            name, arn = endpoint["EndpointName"], endpoint["EndpointArn"]
            named = any(name == value or arn == value for value in values)
            if named or (role in invoking and judge(role, INVOKE, arn)):
                yield Link(me, node_id("endpoint", name), "invokes", INVOKE, arn, role)


def _of_apis(scene: Scene) -> Iterator[Link]:
    for api in scene.apis:
        me = node_id("api", api["id"])
        for path, verb, method in scene.methods.get(api["id"], ()):
            integration = method["methodIntegration"]
            uri, role = integration.get("uri") or "", integration.get("credentials") or ""
            yield from _role(role, me) if role.startswith("arn:aws:iam::") and ":role/" in role else ()
            if found := _FUNCTION_URI.search(uri):
                arn = found["arn"]
                name = _function_name(arn)
                link = Link(me, node_id("function", name), "invokes", "lambda:InvokeFunction", arn, role)
                if not role:
                    calls = _calls(api["id"], scene.stages.get(api["id"], ()), verb, path)
                    link = _by_its_policy(link, scene.function_policies.get(name), calls)
                yield link
            elif found := _ENDPOINT_URI.search(uri):
                arns = {one["EndpointName"]: one["EndpointArn"] for one in scene.endpoints}
                if arn := arns.get(found["name"], ""):
                    yield Link(me, node_id("endpoint", found["name"]), "invokes", INVOKE, arn, role)


def _calls(api_id: str, stages: Sequence[str], verb: str, path: str) -> list[str]:
    """Return what the ARNs of calls to a method end in: `api/stage/VERB/path`, of every stage."""
    verbs = _VERBS if verb == "ANY" else (verb,)
    return [f"{api_id}/{stage}/{one}{path}" for stage in stages or ("any",) for one in verbs]


def _by_its_policy(link: Link, policy: str | None, calls: Sequence[str]) -> Link:
    """Judge a link by the function's own policy: somebody must have let the API in (AddPermission)."""
    if policy is None:
        return link
    allowed = lets_in(policy, "apigateway.amazonaws.com", calls)
    why = "" if allowed else "the function's own policy does not let this API in: AddPermission is missing"
    return replace(link, allowed=allowed, why=why)


def lets_in(policy: str, service: str, sources: Sequence[str]) -> bool:
    """Tell whether a resource policy lets a service act for one of some sources.

    It reads what AddPermission writes; of requests the evaluator itself decides.

    Args:
        policy: The document; '' for none.
        service: Such as `apigateway.amazonaws.com`.
        sources: What their ARNs have behind the account.
    """
    try:
        statements = json.loads(policy)["Statement"] if policy else []
    except (ValueError, KeyError, TypeError):
        return False
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") or {}
        named = principal if isinstance(principal, str) else principal.get("Service")
        if statement.get("Effect") != "Allow" or named not in (service, "*"):
            continue
        patterns = [pattern.split(":", 5)[-1].replace("[", "[[]") for pattern in _sources(statement)]
        if not patterns or any(fnmatchcase(one, pattern) for one in sources for pattern in patterns):
            return True
    return False


def _sources(statement: Told) -> Iterator[str]:
    for condition in (statement.get("Condition") or {}).values():
        for key, value in condition.items():
            if key.lower() == "aws:sourcearn":
                yield from [value] if isinstance(value, str) else value


def _of_notifications(scene: Scene) -> Iterator[Link]:
    for bucket, told in scene.notifications.items():
        for rule in told.get("LambdaFunctionConfigurations") or ():
            arn = rule["LambdaFunctionArn"]
            name = _function_name(arn)
            policy = scene.function_policies.get(name)
            allowed = None if policy is None else lets_in(policy, "s3.amazonaws.com", (bucket,))
            why = "the function's own policy does not let this bucket invoke it" if allowed is False else ""
            ends = (node_id("bucket", bucket), node_id("function", name))
            yield Link(*ends, "notifies", "lambda:InvokeFunction", arn, allowed=allowed, why=why)


def _of_scaling(scene: Scene) -> Iterator[Link]:
    for target in scene.targets:
        me, resource = node_id("scaling-target", target_name(target)), target["ResourceId"]
        if resource.startswith("endpoint/"):
            yield Link(me, node_id("endpoint", resource.split("/")[1]), "scales")
        elif resource.startswith("function:"):
            yield Link(me, node_id("function", resource.split(":")[1]), "scales")


def target_name(target: Told) -> str:
    """Return the name of a scalable target: its namespace and the resource's id."""
    return f"{target['ServiceNamespace']}/{target['ResourceId']}"


def _of_alarms(scene: Scene) -> Iterator[Link]:
    acted = {policy["PolicyARN"]: target_name(policy) for policy in scene.policies}
    for alarm in scene.alarms:
        me = node_id("alarm", alarm["AlarmName"])
        for dimension in alarm.get("Dimensions") or ():
            if (kind := _WATCHED.get(dimension["Name"])) is not None:
                yield Link(node_id(kind, dimension["Value"]), me, "is watched by")
        for arn in (*(alarm.get("AlarmActions") or ()), *(alarm.get("OKActions") or ())):
            if arn in acted:
                yield Link(me, node_id("scaling-target", acted[arn]), "tells")


_WATCHED: Mapping[str, str] = {"EndpointName": "endpoint", "FunctionName": "function"}


def _role(role: str, thing: str) -> Iterator[Link]:
    if role:
        yield Link(node_id("role", role.rpartition("/")[2]), thing, "acts as", role=role)


def _function_name(arn: str) -> str:
    """Return the name in a function's ARN, without version or alias."""
    parts: list[Any] = arn.split(":")
    return str(parts[6]) if len(parts) > 6 else arn
