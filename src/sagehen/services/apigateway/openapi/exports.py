"""GetExport: the OpenAPI document of a stage."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from sagehen.api.bounded.json_text import read_json
from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documentation.parts import EXTENSION as DOCUMENTATION
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, no_such_stage
from sagehen.services.apigateway.openapi.writer import ExportType, OpenApiWriter
from sagehen.services.apigateway.stages.records import StageRecords

# Documented: GetExport, parameters; `postman` is taken and has no effect here.
_EXTENSIONS = frozenset(("integrations", "authorizers", "apigateway", "postman", "documentation"))


class Exports:
    """The operation that exports stages."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._stages = StageRecords(records)

    @operation(
        "GetExport", access=via("GET", "/restapis/{restApiId}/stages/{stageName}/exports/{exportType}")
    )
    async def get_export(self, context: RequestContext, request: Request) -> dict[str, Any]:
        api_id, export_type = request["restApiId"], request["exportType"]
        if export_type not in ("swagger", "oas30"):
            raise BadRequestException(f"No API exporter for type '{export_type}'")
        definition = self.records.definition(context.scope, api_id)
        stage = self._stages.stage(api_id, request["stageName"])
        frozen = self._stages.frozen(context.scope, api_id, stage["deploymentId"]) if stage else None
        if stage is None or frozen is None:
            raise no_such_stage()
        version = datetime.fromtimestamp(stage["lastUpdatedDate"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        writer = OpenApiWriter(frozen, cast(ExportType, export_type), _extensions(request))
        host = f"{api_id}.execute-api.{context.scope.region}.amazonaws.com"
        as_yaml = request.get("accepts") in ("application/yaml", "application/x-yaml")

        def written() -> tuple[Document, bytes]:
            document = writer.document(host, stage["stageName"], version)
            if documented := _documentation(definition, stage, request):
                document[DOCUMENTATION] = documented
            if as_yaml:
                return document, _yaml(document)
            return document, orjson.dumps(document, option=orjson.OPT_INDENT_2)

        document, body = await asyncio.to_thread(written)  # YAML of a megabyte takes seconds
        name = f"{export_type}_{document['info']['version']}.{'yaml' if as_yaml else 'json'}"
        return {
            "contentType": "application/octet-stream",
            "contentDisposition": f'attachment; filename="{name}"',
            "body": body,
        }


def _documentation(definition: Definition, stage: Document, request: Request) -> Document | None:
    """Return the documentation that the stage is published with, where the export asks for it."""
    if not _extensions(request) & {"documentation", "apigateway"}:
        return None
    version = definition.documentation_versions.get(stage.get("documentationVersion", ""))
    if version is None:
        return None
    made = datetime.fromtimestamp(version["createdDate"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [
        {"location": part["location"], "properties": read_json(part["properties"])}
        for part in version["parts"]
    ]
    return {"version": version["version"], "createdDate": made, "documentationParts": parts}


def _extensions(request: Request) -> frozenset[str]:
    text = (request.get("parameters") or {}).get("extensions", "")
    extensions = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := extensions - _EXTENSIONS:
        raise BadRequestException(f"Invalid extensions specified: {', '.join(sorted(unknown))}")
    return extensions


def _yaml(document: Any) -> bytes:
    # Here, since every start of the platform would pay for it.
    import yaml  # type: ignore[import-untyped, unused-ignore]

    # As in JSON first: shared values are written out each time, since readers rarely know anchors.
    plain = orjson.loads(orjson.dumps(document))
    text: str = yaml.dump(plain, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
    return text.encode()
