"""Inference Recommender's jobs: what a model takes on instances of several types, measured by asking it.

Source: SageMaker Developer Guide, Amazon SageMaker Inference Recommender. On AWS a job takes from 45 minutes
to two hours, since machines have to come up; what is done is the same here.
"""
