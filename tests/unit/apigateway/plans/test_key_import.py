"""Keys from CSV files: what a line says, and which files are none."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.plans.key_import import _rows
from tests.unit.apigateway.conftest import Call

VALUE = "v" * 20
ROW: dict[str, Any] = {"name": "n", "value": VALUE, "description": None, "enabled": True, "plans": []}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("name,key\n", []),
        (f"name,key\nn,{VALUE}\n", [ROW]),
        (f"Key , NAME\n{VALUE},n\n", [ROW]),  # any case, any order, spaces around
        (f"name,key\r\n\r\nn,{VALUE}\r\n", [ROW]),
        ("name,key\nn,\n", [{**ROW, "value": None}]),  # API Gateway makes one
        (f"name,key,description\nn,{VALUE},d\n", [{**ROW, "description": "d"}]),
        (f"name,key,enabled\nn,{VALUE},FALSE\n", [{**ROW, "enabled": False}]),
        (f"name,key,enabled\nn,{VALUE},TRUE\n", [ROW]),
        (f"name,key,enabled\nn,{VALUE},no\n", [{**ROW, "enabled": False}]),
        (f'name,key,UsageplanIds\nn,{VALUE},"a,b,"\n', [{**ROW, "plans": ["a", "b"]}]),
        (f"name,key,other\nn,{VALUE},x,y\n", [ROW]),
        (f"name,key,description\nn,{VALUE}\n", [ROW]),
    ],
)
def test_lines(text: str, rows: list[dict[str, Any]]) -> None:
    assert _rows(text.encode()) == rows


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "it is empty"),
        (b"name\nn\n", "the columns Name and Key are required"),
        (b"key,description\n", "the columns Name and Key are required"),
        (b"\xff\xfe", "codec can't decode"),
        (b"name,key\n" + b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_files_that_are_none(body: bytes, fault: str) -> None:
    with pytest.raises(BadRequestException, match="Invalid CSV file") as raised:
        _rows(body)
    assert fault in raised.value.message


async def test_what_cannot_be_imported_is_told(call: Call) -> None:
    plan = await call("CreateUsagePlan", name="p")
    body = f'name,key,usageplanids\na,{VALUE},"{plan["id"]},none"\nb,{VALUE},\n'.encode()
    with pytest.raises(BadRequestException, match="Warnings found during import"):
        await call("ImportApiKeys", body=body, format="csv", failOnWarnings=True)
    assert (await call("GetApiKeys"))["items"] == [], "nothing of a file that failed stays"
    told = await call("ImportApiKeys", body=body, format="csv")
    assert told["warnings"] == [
        "Invalid Usage Plan ID specified: none",
        "API Key b was not imported: API Key already exists",
    ]
    held = await call("GetUsagePlanKeys", usagePlanId=plan["id"])
    assert [(key["id"], key["name"]) for key in held["items"]] == [(told["ids"][0], "a")]
