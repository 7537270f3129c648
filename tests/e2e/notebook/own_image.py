"""What public notebooks do with an image of their own, by the SageMaker SDK v2: train, deploy, process."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.s3 import S3Downloader

from tests.e2e.notebook import own_server


def main(image: str) -> dict[str, Any]:
    """Go through it; return what was seen."""
    session, role, kind = sagemaker.Session(), sagemaker.get_execution_role(), "ml.m5.large"
    Path("words.txt").write_text("some words")
    data = session.upload_data("words.txt", key_prefix="own-image")

    estimator = Estimator(image, role, instance_count=1, instance_type=kind)
    estimator.fit({"train": data}, logs=False)
    trained = estimator.deploy(initial_instance_count=1, instance_type=kind)
    seen: dict[str, Any] = {"trained": json.loads(trained.predict(b"a", {"ContentType": "text/plain"}))}

    def made(**env: str) -> Model:
        return Model(
            image_uri=image, role=role, model_data=estimator.model_data, env=env, predictor_cls=Predictor,
            sagemaker_session=session,
        )  # fmt: skip

    deployed = made(GIVEN="by the model").deploy(initial_instance_count=1, instance_type=kind)
    seen["model"] = json.loads(deployed.predict(b"b", {"ContentType": "text/plain"}))
    for predictor in (trained, deployed):
        predictor.delete_endpoint()

    processor = Processor(role, image, instance_count=1, instance_type=kind)
    processor.run(
        arguments=["process"],
        inputs=[ProcessingInput(source=data, destination="/opt/ml/processing/in")],
        outputs=[ProcessingOutput(source="/opt/ml/processing/out")],
        logs=False,
    )
    output = processor.latest_job.outputs[0].destination
    seen["processed"] = S3Downloader.read_file(f"{output}/words.txt")
    return seen | own_server.asked(session, made, data)


if __name__ == "__main__":
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.2))  # as in `run.py`: the SDK asks every 30 s
    print("\n" + json.dumps(main(sys.argv[1])), flush=True)
    os._exit(
        0
    )  # a thread of the SDK's looks for the failure of what was answered, as long as that might take
