"""ImportApiKeys: keys from a CSV file.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
"""

from __future__ import annotations

import csv
import io
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.streams import whole_body
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.items import read_item
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException, ConflictException
from sagehen.services.apigateway.plans.api_keys import insert_api_key, new_api_key
from sagehen.services.apigateway.plans.records import USAGE_PLAN, add_to_plan
from sagehen.store.database import Transaction

# No request of API Gateway's may be larger; what a file of keys may have AWS does not say.
MAX_BYTES = 10 * 1024 * 1024


class ApiKeyImport:
    """The operation that imports API keys."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._clock = clock
        self._ids = ids

    @operation("ImportApiKeys", access=via("POST", "/apikeys"))
    async def import_api_keys(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request["format"] != "csv":
            raise BadRequestException("Invalid format specified. Must be csv")
        rows = _rows(await whole_body(request["body"], MAX_BYTES))
        now = self._clock.now().timestamp()

        def run(tx: Transaction) -> tuple[list[str], list[str]]:
            imported: list[str] = []
            warnings: list[str] = []
            for row in rows:
                document = new_api_key(self._ids, row, int(now))
                try:
                    insert_api_key(tx, context.scope, document)
                except ConflictException:
                    warnings.append(f"API Key {row.get('name')} was not imported: API Key already exists")
                    continue
                imported.append(document["id"])
                for plan_id in row["plans"]:
                    if read_item(tx, context.scope, USAGE_PLAN, plan_id) is None:
                        warnings.append(f"Invalid Usage Plan ID specified: {plan_id}")
                    else:
                        add_to_plan(tx, context.scope, plan_id, document["id"], now)
            if warnings and request.get("failOnWarnings"):
                raise BadRequestException("Warnings found during import: " + "; ".join(warnings))
            return imported, warnings

        imported, warnings = await self.records.write(run)
        return {"ids": imported, "warnings": warnings or None}


def _rows(body: bytes) -> list[Document]:
    """Return a CreateApiKey request for each line, with its usage plans."""
    try:
        lines = list(csv.reader(io.StringIO(body.decode())))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequestException(f"Invalid CSV file: {error}") from None
    if not lines:
        raise BadRequestException("Invalid CSV file: it is empty")
    header = [name.strip().lower() for name in lines[0]]
    if not {"name", "key"} <= set(header):
        raise BadRequestException("Invalid CSV file: the columns Name and Key are required")
    rows: list[Document] = []
    for line in lines[1:]:
        if not line:
            continue
        cells = {name: cell.strip() for name, cell in zip(header, line, strict=False)}
        rows.append(
            {
                "name": cells.get("name"),
                "value": cells.get("key") or None,
                "description": cells.get("description"),
                "enabled": cells.get("enabled", "true").lower() == "true",
                "plans": [plan for plan in cells.get("usageplanids", "").split(",") if plan],
            }
        )
    return rows
