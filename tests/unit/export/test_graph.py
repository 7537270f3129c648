"""What texts say of others becomes references; a chain is what they and their parts are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sagehen.export.graph.chain import callers_of, chain
from sagehen.export.graph.linking import linked
from sagehen.export.graph.names import Names, camel, snake
from sagehen.export.graph.node import Node
from sagehen.export.graph.order import ordered, waits_for_objects
from sagehen.export.graph.values import Image, Key, Named, Place, Ref, Setting, Text
from tests.unit.export.scene import (
    ACCOUNT,
    API,
    BUCKET,
    CONFIG,
    ENDPOINT,
    ENDPOINT_ARN,
    FUNCTION,
    FUNCTION_ARN,
    MODEL,
    REGION,
    ROLE,
    ROLE_ARN,
    api,
    bucket,
    function,
    hosting,
    link,
    role,
    scene,
)


def test_texts_become_references() -> None:
    found = link(*scene())
    assert found[MODEL]["ExecutionRoleArn"] == Ref(ROLE, "Arn")
    uri = found[Key("AWS::ApiGateway::Method", "m")]["Integration"]["Uri"]
    assert uri.parts == (
        "arn:aws:apigateway:",
        Place.REGION,
        ":lambda:path/2015-03-31/functions/",
        Ref(FUNCTION, "Arn"),
        "/invocations",
    )
    source = found[Key("AWS::Lambda::Permission", "p")]["SourceArn"]
    assert source.parts[-2:] == (Ref(API), "/*/GET/")


def test_buckets_images_and_model_data_are_settings() -> None:
    container = link(*scene())[MODEL]["PrimaryContainer"]
    bucket_name, key = container["ModelDataUrl"].parts[1], container["ModelDataUrl"].parts[3]
    assert (bucket_name.kind, bucket_name.here, bucket_name.default) == ("bucket", "dogs", None)
    assert (key.kind, key.default) == ("object", "jobs/1/model.tar.gz")
    assert container["Image"].default == container["Image"].here


def test_an_image_of_ones_own_moves_with_the_account() -> None:
    uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mine:1"
    [found] = link(Node(MODEL, "m", {"Image": Image(uri)})).values()
    assert found["Image"].parts == (Place.ACCOUNT, ".dkr.ecr.", Place.REGION, ".amazonaws.com/mine:1")


def test_a_policy_names_what_it_is_about_and_needs_only_its_principals() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROLE_ARN},
        "Action": "sagemaker:InvokeEndpoint",
        "Resource": [ENDPOINT_ARN, "arn:aws:s3:::dogs/*"],
    }
    other = Key("AWS::IAM::Role", "other")
    nodes = [bucket(), role(), *hosting(), replace(role(statement), key=other, mentions={})]
    [told] = link(*nodes)[other]["Policies"][0]["PolicyDocument"]["Statement"]
    assert told["Principal"] == {"AWS": Ref(ROLE, "Arn")}
    endpoint, objects = told["Resource"]
    assert Place.ACCOUNT in endpoint.parts and not any(isinstance(part, Ref) for part in endpoint.parts)
    assert isinstance(objects.parts[1], Setting)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:::dogs-other/x",
        f"{ROLE_ARN}-2",
        "arn:aws:iam::999999999999:role/ask",
        "arn:aws:sagemaker:eu-west-1:999999999999:endpoint/classifier",
        "dogs",
        "xabcde12345x",
    ],
)
def test_what_only_looks_like_one_stays_as_it_is(text: str) -> None:
    node = Node(Key("AWS::SageMaker::Pipeline", "p"), "p", {"Told": text})
    found = link(*scene(), node)[node.key]["Told"]
    refs = [part for part in getattr(found, "parts", ()) if isinstance(part, Ref | Setting)]
    assert refs == [] and (found == text or isinstance(found, Text))


def test_rights_on_model_data_go_with_the_data() -> None:
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::dogs/jobs/1/model.tar.gz"}
    found = link(bucket(), role(read), *hosting())
    [told] = found[ROLE]["Policies"][0]["PolicyDocument"]["Statement"]
    assert told["Resource"].parts[1:] == found[MODEL]["PrimaryContainer"]["ModelDataUrl"].parts[1:]


def test_a_function_may_be_told_a_buckets_name() -> None:
    told = link(*scene(), function(BUCKET="dogs"))[FUNCTION]["Environment"]["Variables"]["BUCKET"]
    assert isinstance(told, Setting) and told.here == "dogs"
    endpoint = Node(Key("AWS::SageMaker::Endpoint", "dogs"), "dogs", {})
    assert link(*scene(), endpoint, function(ENDPOINT="dogs"))[FUNCTION]["Environment"]["Variables"] == {
        "ENDPOINT": "dogs"
    }


def test_functions_may_be_told_of_one_another() -> None:
    other = Key("AWS::Lambda::Function", "other")
    arn = FUNCTION_ARN.replace(":ask", ":other")
    answers = replace(function(ASK=FUNCTION_ARN), key=other, mentions={arn: "Arn"})
    nodes = linked([function(OTHER=arn), answers, role()], REGION, ACCOUNT)
    assert len(ordered(nodes)) == 3


def test_a_bucket_is_named_by_a_setting_and_others_need_it() -> None:
    logged = {"DestinationBucketName": Named(BUCKET, "", "dogs")}
    other = Node(Key("AWS::S3::Bucket", "logged"), "logged", {"LoggingConfiguration": logged})
    found = link(bucket(), other)
    assert isinstance(found[BUCKET]["BucketName"], Setting)
    assert found[other.key]["LoggingConfiguration"]["DestinationBucketName"] == Ref(BUCKET)


def test_ids_of_networks_are_settings() -> None:
    node = Node(FUNCTION, "ask", {"VpcConfig": {"SubnetIds": ["subnet-0123456789abcdef0"]}})
    [subnet] = link(node)[FUNCTION]["VpcConfig"]["SubnetIds"]
    assert (subnet.kind, subnet.default) == ("network", None)


def test_order_and_what_waits_for_objects() -> None:
    nodes = linked(scene()[::-1], REGION, ACCOUNT)
    places = {node.key: place for place, node in enumerate(ordered(nodes))}
    assert places[ROLE] < places[MODEL] < places[CONFIG] < places[ENDPOINT]
    late = waits_for_objects(nodes)
    assert {MODEL, CONFIG, ENDPOINT, FUNCTION} <= late
    assert not {BUCKET, ROLE, API} & late


def test_a_circle_is_told() -> None:
    one, two = Key("AWS::IAM::Role", "1"), Key("AWS::IAM::Role", "2")
    with pytest.raises(ValueError, match="in a circle"):
        ordered([Node(one, "1", {"x": Ref(two)}), Node(two, "2", {"x": Ref(one)})])


OTHERS = [
    Node(Key("AWS::SageMaker::Model", "another"), "another", {}),
    Node(Key("AWS::S3::Bucket", "elsewhere"), "elsewhere", {}),
    Node(Key("AWS::CloudWatch::Alarm", "slow"), "slow", {}, part_of=(ENDPOINT,)),
]


@pytest.mark.parametrize(
    ("variables", "statement", "used", "calls"),
    [
        ({"ENDPOINT": "classifier"}, "*", {}, True),
        ({"ENDPOINT": "other"}, "*", {}, False),
        ({}, ENDPOINT_ARN, {}, True),
        ({}, "arn:aws:sagemaker:*:*:endpoint/*", {}, False),
        ({}, "arn:aws:sagemaker:*:*:endpoint/class*", {}, True),
        ({}, "*", {"ask": [("sagemaker:InvokeEndpoint", [ENDPOINT_ARN])]}, True),
        ({}, "*", {"ask": [("sagemaker:DescribeEndpoint", [ENDPOINT_ARN])]}, False),
    ],
)
def test_who_calls_an_endpoint(variables: dict[str, str], statement: str, used: object, calls: bool) -> None:
    invoke = {"Effect": "Allow", "Action": "sagemaker:Invoke*", "Resource": statement}
    nodes = [role(invoke), *hosting(), function(**variables)]
    assert callers_of(nodes, "classifier", ENDPOINT_ARN, used) == ([FUNCTION] if calls else [])  # type: ignore[arg-type]


def test_a_chain_goes_from_the_data_to_the_api() -> None:
    nodes = linked([*scene(), *OTHERS], REGION, ACCOUNT)
    found = {node.key for node in chain(nodes, "classifier", [FUNCTION])}
    assert {BUCKET, ROLE, MODEL, CONFIG, ENDPOINT, FUNCTION, API, OTHERS[2].key} <= found
    assert not {OTHERS[0].key, OTHERS[1].key} & found
    elsewhere = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::elsewhere/*"}
    nodes = linked([*(one for one in scene() if one.key != ROLE), role(elsewhere), *OTHERS], REGION, ACCOUNT)
    assert OTHERS[1].key not in {node.key for node in chain(nodes, "classifier", [FUNCTION])}
    alone = {node.key for node in chain(nodes, "classifier", [])}
    assert FUNCTION not in alone and API not in alone and MODEL in alone
    with pytest.raises(ValueError, match="no endpoint nobody"):
        chain(nodes, "nobody", [])


@pytest.mark.parametrize(
    ("text", "name"),
    [("classifier-one", "ClassifierOne"), ("/aws/lambda/x", "AwsLambdaX"), ("1", "Thing1"), ("狗", "Thing")],
)
def test_names(text: str, name: str) -> None:
    assert camel(text) == name


def test_names_are_unique_whatever_their_case() -> None:
    given = Names(["ASK", "ask2"])
    assert [given.new(name) for name in ("Ask", "ask", "Ask22", "Ask2", "aSk")] == [
        "Ask3", "ask4", "Ask22", "Ask23", "aSk5",
    ]  # fmt: skip
    assert snake("ClassifierOneAPIStage") == "classifier_one_api_stage"


def test_an_api_in_the_scene_is_linked_once() -> None:
    assert len(link(*scene(), *api())) == len(scene())
