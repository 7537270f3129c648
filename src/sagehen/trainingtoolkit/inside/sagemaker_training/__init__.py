"""What scripts import from AWS's `sagemaker-training`: `environment.Environment`. Nothing else is here."""
