"""botocore's service models: operations and shapes (`description`), loaded on first use (`catalog`)."""
