"""Model Monitor's analyzer: what AWS's image `sagemaker-model-monitor-analyzer` does in a processing job.

Statistics and suggested constraints of a data set, the quality of a model's predictions, and what of them
violates a baseline. Written anew from the documented contract (SageMaker Developer Guide: Container contract
inputs and outputs, Schema for statistics, for constraints, for violations, Model quality metrics); AWS's own
is Spark and Deequ. What it cannot do ends the job with a sentence. No module imports numpy before something
is computed.
"""
