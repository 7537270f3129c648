"""A definition is one document: documentation and its versions, which are copies, have an end."""

from __future__ import annotations

import json

import pytest

from sagehen.services.apigateway.documents import records
from sagehen.services.apigateway.errors import LimitExceededException
from tests.unit.apigateway.conftest import Call, make_api


async def test_versions_of_documentation_are_bounded_together(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MAX_CONTENT_BYTES", 20_000)
    api_id, _ = await make_api(call)
    part = {"location": {"type": "API"}, "properties": json.dumps({"description": "d" * 5_000})}
    await call("CreateDocumentationPart", restApiId=api_id, **part)
    await call("CreateDocumentationVersion", restApiId=api_id, documentationVersion="v1")
    await call("CreateDocumentationVersion", restApiId=api_id, documentationVersion="v2")
    with pytest.raises(LimitExceededException, match="larger than 20000 bytes"):
        await call("CreateDocumentationVersion", restApiId=api_id, documentationVersion="v3")
    kept = await call("GetDocumentationVersions", restApiId=api_id)
    assert [one["version"] for one in kept["items"]] == ["v1", "v2"]
    await call("DeleteDocumentationVersion", restApiId=api_id, documentationVersion="v1")
    await call("CreateDocumentationVersion", restApiId=api_id, documentationVersion="v3")
