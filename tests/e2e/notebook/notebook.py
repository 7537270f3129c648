"""What a person runs in a notebook with the SageMaker SDK v2, unchanged: fit, deploy, predict.

Prints one JSON line with what it saw.
"""

import json
import sys
from pathlib import Path

import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.pytorch import PyTorch, PyTorchModel
from sagemaker.serializers import JSONSerializer

folder = Path(__file__).parent
session = sagemaker.Session()
role = sagemaker.get_execution_role()
rows = "\n".join(f"{x / 10},{3 * x / 10 + 1}" for x in range(-10, 11))
inputs = session.upload_string_as_file_body(rows, session.default_bucket(), "line/line.csv")
json_both_ways = {"serializer": JSONSerializer(), "deserializer": JSONDeserializer()}

estimator = PyTorch(
    entry_point="train.py",
    source_dir=str(folder),
    role=role,
    framework_version="2.6.0",
    py_version="py312",
    instance_count=1,
    instance_type="ml.c5.xlarge",
    hyperparameters={"epochs": 300, "lr": 0.3, "note": 'it\'s "quoted"'},
    base_job_name="line",
)
estimator.fit({"training": "/".join(inputs.split("/")[:-1])})
predictor = estimator.deploy(
    initial_instance_count=1,
    instance_type="ml.c5.large",
    endpoint_name="from-estimator",
    entry_point="serve.py",
    source_dir=str(folder),
    **json_both_ways,
)
first = predictor.predict({"inputs": [[2.0], [-1.0]]})

model = PyTorchModel(
    model_data=estimator.model_data,
    role=role,
    entry_point="serve.py",
    source_dir=str(folder),
    framework_version="2.6.0",
    py_version="py312",
)
second_predictor = model.deploy(
    initial_instance_count=1, instance_type="ml.c5.large", endpoint_name="from-model", **json_both_ways
)
second = second_predictor.predict({"inputs": [[2.0], [-1.0]]})
predictor.delete_endpoint()
second_predictor.delete_endpoint()
print()
print(
    json.dumps(
        {
            "role": role,
            "bucket": session.default_bucket(),
            "job": estimator.latest_training_job.name,
            "model_data": estimator.model_data,
            "first": first,
            "second": second,
        }
    )
)
sys.stdout.flush()
