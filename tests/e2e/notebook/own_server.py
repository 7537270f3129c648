"""How public notebooks have a model asked by the SageMaker SDK v2: in batches, later, in a row, and sized."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import sagemaker
from sagemaker.async_inference import AsyncInferenceConfig, WaiterConfig
from sagemaker.inference_recommender.inference_recommender_mixin import Phase
from sagemaker.model import Model
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.parameter import CategoricalParameter
from sagemaker.pipeline import PipelineModel
from sagemaker.predictor import Predictor
from sagemaker.s3 import S3Downloader

_KIND = "ml.m5.large"


def asked(session: sagemaker.Session, made: Callable[..., Model], data: str) -> dict[str, Any]:
    """Ask in each way; return what was answered.

    Args:
        made: Makes a model of the image, with variables.
        data: Where a text lies that the model is asked with.
    """
    begun = [_in_batches(made, data), _later(session, made, data), _in_a_row(session, made)]
    seen = _sized(session, made)
    for each in begun:
        seen |= each()
    return seen


def _in_batches(made: Callable[..., Model], data: str) -> Callable[[], dict[str, Any]]:
    transformer = made().transformer(1, _KIND, accept="application/json")
    transformer.transform(data, content_type="text/plain", wait=False)

    def ended() -> dict[str, Any]:
        transformer.wait(logs=False)
        return {"transformed": json.loads(S3Downloader.read_file(f"{transformer.output_path}/words.txt.out"))}

    return ended


def _later(session: sagemaker.Session, made: Callable[..., Model], data: str) -> Callable[[], dict[str, Any]]:
    config = AsyncInferenceConfig(output_path=f"s3://{session.default_bucket()}/later")
    predictor = made().deploy(1, _KIND, async_inference_config=config, wait=False)

    def ended() -> dict[str, Any]:
        session.wait_for_endpoint(predictor.endpoint_name, live_logging=False)
        answer = predictor.predict_async(input_path=data, initial_args={"ContentType": "text/plain"})
        told = json.loads(answer.get_result(WaiterConfig(max_attempts=300, delay=0.1)))
        predictor.delete_endpoint()
        return {"later": told}

    return ended


def _in_a_row(session: sagemaker.Session, made: Callable[..., Model]) -> Callable[[], dict[str, Any]]:
    where = f"s3://{session.default_bucket()}/captured"
    both = PipelineModel(
        [made(GIVEN="first"), made(GIVEN="second")],
        sagemaker.get_execution_role(),
        predictor_cls=Predictor,
        sagemaker_session=session,
    )
    predictor = both.deploy(
        1, _KIND, data_capture_config=DataCaptureConfig(True, 100, destination_s3_uri=where), wait=False
    )

    def ended() -> dict[str, Any]:
        session.wait_for_endpoint(predictor.endpoint_name, live_logging=False)
        told = json.loads(predictor.predict(b"c", {"ContentType": "text/plain"}))
        predictor.delete_endpoint()
        return {"in a row": told, "captured": f"{where}/{predictor.endpoint_name}/"}

    return ended


def _sized(session: sagemaker.Session, made: Callable[..., Model]) -> dict[str, Any]:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        words = tarfile.TarInfo("words")
        words.size = 1
        tar.addfile(words, io.BytesIO(b"d"))
    session.upload_string_as_file_body(archive.getvalue(), session.default_bucket(), "words.tar.gz")
    package = made().register(
        content_types=["text/plain"],
        response_types=["application/json"],
        inference_instances=[_KIND],
        transform_instances=[_KIND],
        model_package_group_name="own",
        approval_status="Approved",
        domain="OTHER",
        task="OTHER",
    )
    sized = package.right_size(
        sample_payload_url=f"s3://{session.default_bucket()}/words.tar.gz",
        supported_content_types=["text/plain"],
        framework="SAGEMAKER-SCIKIT-LEARN",
        hyperparameter_ranges=[
            {"instance_types": CategoricalParameter([_KIND]), "GIVEN": CategoricalParameter(["sized"])}
        ],
        traffic_type="PHASES",
        phases=[Phase(duration_in_seconds=1, initial_number_of_users=1, spawn_rate=1)],
    )
    [recommended] = sized.inference_recommendations
    sized.predictor_cls = Predictor
    predictor = sized.deploy()
    told = json.loads(predictor.predict(b"e", {"ContentType": "text/plain"}))
    predictor.delete_endpoint()
    return {"recommended": recommended["EndpointConfiguration"], "sized": told}
