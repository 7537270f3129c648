"""Expressions within arguments: which there are, and what they refer to. Pure.

{"Get": "Parameters.X" | "Execution.X" | "Steps.X.path"}
{"Std:Join": {"On": "/", "Values": [...]}}
{"Std:JsonGet": {"PropertyFile": {"Get": "Steps.X.PropertyFiles.Y"} | "S3Uri": ..., "Path": "a.b"}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.services.sagemaker.pipelines.definition.paths import Piece, pieces
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

GET, JOIN, JSON_GET = "Get", "Std:Join", "Std:JsonGet"
_FUNCTIONS = (GET, JOIN, JSON_GET)
_MEMBERS = {JOIN: ({"On", "Values"}, {"Values"}), JSON_GET: ({"PropertyFile", "S3Uri", "Path"}, {"Path"})}
# Documented: the SDK's ExecutionVariables.
EXECUTION_VARIABLES = (
    *("StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn", "PipelineExecutionId"),
    *("PipelineExecutionArn", "TrainingJobName", "ProcessingJobName"),
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a Get names: `Parameters`, `Execution` or `Steps`; a step's has a path, or a property file."""

    root: str
    name: str
    path: tuple[Piece, ...] = ()

    @property
    def property_file(self) -> str | None:
        """The name of the property file, where it is one's."""
        if self.root == "Steps" and len(self.path) == 2 and self.path[0] == "PropertyFiles":
            return str(self.path[1])
        return None


def function_of(node: Any) -> str | None:
    """Return which function an argument is, or None where it stands for itself."""
    if isinstance(node, dict) and len(node) == 1:
        (name,) = node
        return name if name in _FUNCTIONS else None
    return None


def reference(text: Any) -> Reference:
    """Read what stands in a Get.

    Raises:
        Invalid: It refers to nothing that there is.
    """
    try:
        root, name, *rest = pieces(text if isinstance(text, str) else "")
    except ValueError:
        raise Invalid(f"Invalid property reference '{text}'.") from None
    path = tuple(rest)
    if root == "Steps" and path:
        return Reference(root, str(name), path)
    if root == "Parameters" and not path:
        return Reference(root, str(name))
    if root == "Execution" and not path and name in EXECUTION_VARIABLES:
        return Reference(root, str(name))
    raise Invalid(f"Invalid property reference '{text}'.")


def references(node: Any) -> Iterator[Reference]:
    """Yield what an argument, or anything within it, refers to.

    Raises:
        Invalid: A function is malformed.
    """
    spend()
    match function_of(node):
        case "Get":
            yield reference(node[GET])
        case "Std:Join" | "Std:JsonGet" as name:
            yield from references(list(_arguments(name, node[name]).values()))
        case _:
            inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            for one in inner:
                yield from references(one)


def json_gets(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the arguments of each Std:JsonGet within an argument."""
    spend()
    if function_of(node) == JSON_GET:
        yield node[JSON_GET]
        return
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from json_gets(one)


def _arguments(name: str, given: Any) -> Mapping[str, Any]:
    known, required = _MEMBERS[name]
    if not isinstance(given, dict) or not required <= given.keys() <= known:
        raise Invalid(f"Invalid arguments of function '{name}'.")
    if name == JOIN:
        if not isinstance(given["Values"], list) or not isinstance(given.get("On", ""), str):
            raise Invalid(f"Invalid arguments of function '{name}'.")
        return given
    if ("PropertyFile" in given) == ("S3Uri" in given):
        raise Invalid(f"Function '{name}' takes either a PropertyFile or an S3Uri.")
    file = given.get("PropertyFile")
    if file is not None and (function_of(file) != GET or reference(file[GET]).property_file is None):
        raise Invalid(f"Invalid PropertyFile of function '{name}'.")
    try:
        pieces(str(given["Path"]).removeprefix("$."))
    except ValueError:
        raise Invalid(f"Invalid Path '{given['Path']}' of function '{name}'.") from None
    return given
