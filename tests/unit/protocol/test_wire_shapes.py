"""Wire formats that none of our services' models has, or only one: small models of their own.

Names and values follow Smithy's and botocore's protocol tests.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.protocol.errors import UnknownParameter
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.description import Operation, ServiceDescription
from sagehen.protocol.reading.parse import parse
from sagehen.protocol.writing.serialize import serialize

NOON = datetime(2019, 12, 16, 23, 48, 18, tzinfo=UTC)
DATE = "Mon, 16 Dec 2019 23:48:18 GMT"


def operation(protocol: str, members: dict[str, Any], **shapes: Any) -> Operation:
    """An operation whose input and output have these members."""
    metadata = {"protocol": protocol, "apiVersion": "2020-01-01", "endpointPrefix": "x"}
    described = {
        "String": {"type": "string"},
        "Moment": {"type": "timestamp"},
        "Strings": {"type": "list", "member": {"shape": "String"}},
        "Moments": {"type": "list", "member": {"shape": "Moment"}},
        "Items": {"type": "list", "member": {"shape": "String", "locationName": "item"}},
        "FlatItems": {
            "type": "list",
            "flattened": True,
            "member": {"shape": "String", "locationName": "Item"},
        },
        "All": {"type": "structure", "members": members},
        **shapes,
    }
    model = {"name": "Do", "http": {"requestUri": "/"}, "input": {"shape": "All"}, "output": {"shape": "All"}}
    service = ServiceDescription(
        "x", {"metadata": metadata, "operations": {"Do": model}, "shapes": described}
    )
    return service.operation("Do")


def read(of: Operation, protocol: str, body: str = "", **headers: str) -> dict[str, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse(of, protocol, HttpRequest("POST", "/", "", sent, body.encode()), {})


@pytest.mark.parametrize("protocol", ["rest-json", "rest-xml"])
@pytest.mark.parametrize("between", [",", ", "])
def test_lists_of_dates_in_headers(protocol: str, between: str) -> None:
    members = {"When": {"shape": "Moments", "location": "header", "locationName": "X-When"}}
    of = operation(protocol, members)
    assert read(of, protocol, x_when=f"{DATE}{between}{DATE}") == {"When": [NOON, NOON]}
    assert read(of, protocol, x_when=f"2019-12-16T23:48:18Z{between}1576540098") == {"When": [NOON, NOON]}
    assert (
        serialize(of, protocol, {"When": [NOON, NOON]}, request_id="r").headers["X-When"] == f"{DATE}, {DATE}"
    )


def test_lists_of_texts_in_headers() -> None:
    members = {"What": {"shape": "Strings", "location": "header", "locationName": "X-What"}}
    of = operation("rest-json", members)
    values = ["b,c", '"def"', "a"]
    written = serialize(of, "rest-json", {"What": values}, request_id="r").headers["X-What"]
    assert written == '"b,c", "\\"def\\"", a'
    assert read(of, "rest-json", x_what=written) == {"What": values}


def test_attributes_of_the_root() -> None:
    attribute = {"shape": "String", "xmlAttribute": True, "locationName": "test"}
    of = operation("rest-xml", {"foo": {"shape": "String"}, "attr": attribute})
    body = serialize(of, "rest-xml", {"foo": "hi", "attr": 'a"b'}, request_id="r").body
    assert isinstance(body, bytes) and b'<All test="a&quot;b"><foo>hi</foo></All>' in body
    assert read(of, "rest-xml", body.decode()) == {"foo": "hi", "attr": 'a"b'}


def test_attributes_of_a_grantee() -> None:
    grantee = {
        "type": "structure",
        "xmlNamespace": {"prefix": "xsi", "uri": "http://www.w3.org/2001/XMLSchema-instance"},
        "members": {
            "ID": {"shape": "String"},
            "Type": {"shape": "String", "xmlAttribute": True, "locationName": "xsi:type"},
        },
    }
    of = operation("rest-xml", {"Grantee": {"shape": "Grantee"}}, Grantee=grantee)
    value = {"Grantee": {"ID": "1", "Type": "CanonicalUser"}}
    body = serialize(of, "rest-xml", value, request_id="r").body
    assert isinstance(body, bytes)
    assert (
        b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID>'
    ) in body
    assert read(of, "rest-xml", body.decode()) == value


FLAT = {
    # Flat by the member: its own name, whatever items of such lists are called elsewhere.
    "first": {"shape": "Items", "flattened": True},
    "second": {"shape": "Items", "flattened": True, "locationName": "custom"},
    # Flat by nature: the name that the list gives its items.
    "third": {"shape": "FlatItems"},
    "fourth": {"shape": "FlatItems", "locationName": "other"},
    "inner": {"shape": "Nest"},
}
NEST = {"type": "list", "member": {"shape": "Strings"}}
VALUES = {
    "first": ["1", "2"],
    "second": ["3"],
    "third": ["4", "5"],
    "fourth": ["6"],
    "inner": [["7", "8"], ["9"]],
}


def test_flattened_lists_in_xml() -> None:
    of = operation("rest-xml", FLAT, Nest=NEST)
    body = serialize(of, "rest-xml", VALUES, request_id="r").body
    assert isinstance(body, bytes)
    assert (
        b"<first>1</first><first>2</first><custom>3</custom><Item>4</Item><Item>5</Item><other>6</other>"
        b"<inner><member><member>7</member><member>8</member></member><member><member>9</member></member></inner>"
    ) in body
    assert read(of, "rest-xml", body.decode()) == VALUES


def test_flattened_lists_in_forms() -> None:
    of = operation("query", FLAT, Nest=NEST)
    form = (
        "first.1=1&first.2=2&custom.1=3&Item.1=4&Item.2=5&other.1=6"
        "&inner.member.1.member.1=7&inner.member.1.member.2=8&inner.member.2.member.1=9"
    )
    assert read(of, "query", form) == VALUES


@pytest.mark.parametrize("name", ["Hi", "hi"])
def test_ec2_s_names_with_and_without_capitals(name: str) -> None:
    of = operation("ec2", {"hi": {"shape": "String"}})
    assert read(of, "ec2", f"{name}=hello") == {"hi": "hello"}


@pytest.mark.parametrize(
    ("name", "known"), [("Ho", False), ("Ho.1", False), ("X-Amz-Date", True), ("Action", True)]
)
def test_ec2_refuses_what_an_operation_does_not_have(name: str, known: bool) -> None:
    of = operation("ec2", {"hi": {"shape": "String"}})
    if known:
        assert read(of, "ec2", f"hi=hello&{name}=x") == {"hi": "hello"}
        return
    with pytest.raises(UnknownParameter, match="The parameter Ho is not recognized"):
        read(of, "ec2", f"hi=hello&{name}=x")


def test_a_prefix_of_headers_may_be_empty() -> None:
    every = {"shape": "Map", "location": "headers", "locationName": ""}
    kind = {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}}
    of = operation("rest-json", {"All": every}, Map=kind)
    assert serialize(of, "rest-json", {"All": {"x-foo": "Foo"}}, request_id="r").headers["x-foo"] == "Foo"
    assert read(of, "rest-json", x_foo="Foo") == {"All": {"x-foo": "Foo"}}
