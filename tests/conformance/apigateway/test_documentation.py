"""Documentation parts and versions."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.apigateway.calls import mock_method, refusal, replace

API = {"type": "API"}
TEXT = json.dumps({"description": "what it is for"})


def test_the_life_of_a_part(gateway: Any, api: dict[str, Any]) -> None:
    of_api = {"restApiId": api["restApiId"]}
    part = gateway.create_documentation_part(**of_api, location=API, properties=TEXT)
    assert (part["location"], part["properties"]) == (API, TEXT)
    this = {**of_api, "documentationPartId": part["id"]}
    assert gateway.get_documentation_part(**this)["properties"] == TEXT
    assert [one["id"] for one in gateway.get_documentation_parts(**of_api)["items"]] == [part["id"]]
    changed = gateway.update_documentation_part(**this, **replace("/properties", '{"description": "new"}'))
    assert changed["properties"] == '{"description": "new"}'
    assert refusal(gateway.update_documentation_part, **this, **replace("/properties", TEXT, op="add")) == (
        "BadRequestException",
        "Invalid patch path  '/properties' specified for op 'add'. Please choose supported operations",
        400,
    )
    assert refusal(gateway.update_documentation_part, **this, **replace("/invalidPath", TEXT))[1] == (
        "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]"
    )
    code, _, status = refusal(gateway.create_documentation_part, **of_api, location=API, properties=TEXT)
    assert (code, status) == ("ConflictException", 409)
    gateway.delete_documentation_part(**this)
    assert refusal(gateway.delete_documentation_part, **this) == (
        "NotFoundException",
        "Invalid Documentation part identifier specified",
        404,
    )


def test_unknown_apis(gateway: Any) -> None:
    no_api = "Invalid API identifier specified 123456789012:none"
    no_part = "Invalid Documentation part identifier specified"
    this = {"restApiId": "none", "documentationPartId": "none"}
    create = {"restApiId": "none", "location": API, "properties": TEXT}
    assert refusal(gateway.create_documentation_part, **create)[1] == no_api
    assert refusal(gateway.get_documentation_parts, restApiId="none")[1] == no_api
    assert refusal(gateway.delete_documentation_part, **this)[1] == no_api
    assert refusal(gateway.get_documentation_part, **this)[1] == no_part
    assert refusal(gateway.update_documentation_part, **this, **replace("/properties", TEXT))[1] == no_part


def test_places_and_texts_that_are_none(gateway: Any, api: dict[str, Any]) -> None:
    def said(location: dict[str, str], properties: str = TEXT) -> str:
        request = {"restApiId": api["restApiId"], "location": location, "properties": properties}
        return refusal(gateway.create_documentation_part, **request)[1]

    assert said({"type": "INVALID"}) == (
        "1 validation error detected: Value 'INVALID' at 'createDocumentationPartInput.location.type' failed"
        " to satisfy constraint: Member must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL,"
        " AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API,"
        " REQUEST_HEADER]"
    )
    assert "statusCode cannot be specified for type METHOD" in said({"type": "METHOD", "statusCode": "200"})
    assert "name must be specified for type MODEL" in said({"type": "MODEL"})
    for text in ("", "no json", "[]", '{"a": NaN}', '{"a": ' + "[" * 200 + "]" * 200 + "}"):
        assert said(API, text).startswith("Documentation part properties must be")


def test_parts_come_with_a_document_and_go_with_an_export(gateway: Any, api: dict[str, Any]) -> None:
    of_api = {"restApiId": api["restApiId"]}
    described = {
        "swagger": "2.0",
        "info": {"title": "t"},
        "paths": {},
        "x-amazon-apigateway-documentation": {
            "version": "1",
            "documentationParts": [
                {"location": API, "properties": {"description": "d"}},
                {
                    "location": {"type": "METHOD", "path": "/", "method": "GET"},
                    "properties": {"summary": "s"},
                },
            ],
        },
    }
    body = json.dumps(described).encode()
    first = gateway.import_documentation_parts(**of_api, body=body)["ids"]
    assert len(first) == 2
    assert gateway.import_documentation_parts(**of_api, body=body)["ids"] == first  # merged: the same places
    again = gateway.import_documentation_parts(**of_api, mode="overwrite", body=body)["ids"]
    assert len(again) == 2 and not set(again) & set(first)
    methods = gateway.get_documentation_parts(**of_api, type="METHOD", path="/")["items"]
    assert [json.loads(part["properties"]) for part in methods] == [{"summary": "s"}]
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(**of_api, stageName="s")
    version = gateway.create_documentation_version(
        **of_api, documentationVersion="v1", stageName="s", description="first"
    )
    assert (version["version"], version["description"]) == ("v1", "first")
    gateway.delete_documentation_part(**of_api, documentationPartId=again[0])  # the version is a copy
    assert gateway.get_stage(**of_api, stageName="s")["documentationVersion"] == "v1"
    exported = gateway.get_export(
        **of_api, stageName="s", exportType="oas30", parameters={"extensions": "documentation"}
    )
    published = json.loads(exported["body"].read())["x-amazon-apigateway-documentation"]
    assert published["version"] == "v1"
    parts = described["x-amazon-apigateway-documentation"]["documentationParts"]  # type: ignore[index]
    assert sorted(published["documentationParts"], key=str) == sorted(parts, key=str)


def test_versions(gateway: Any, api: dict[str, Any]) -> None:
    of_api = {"restApiId": api["restApiId"]}
    this = {**of_api, "documentationVersion": "v1"}
    gateway.create_documentation_version(**this)
    assert refusal(gateway.create_documentation_version, **this)[0] == "ConflictException"
    gateway.update_documentation_version(**this, **replace("/description", "d"))
    assert gateway.get_documentation_version(**this)["description"] == "d"
    assert [one["version"] for one in gateway.get_documentation_versions(**of_api)["items"]] == ["v1"]
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(**of_api, stageName="s")
    stage = {**of_api, "stageName": "s"}
    assert refusal(gateway.update_stage, **stage, **replace("/documentationVersion", "none"))[2] == 404
    gateway.update_stage(**stage, **replace("/documentationVersion", "v1"))
    assert refusal(gateway.delete_documentation_version, **this)[2] == 400
    gateway.delete_stage(**stage)
    gateway.delete_documentation_version(**this)
    assert refusal(gateway.get_documentation_version, **this)[2] == 404
