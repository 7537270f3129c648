"""sagemaker-runtime: InvokeEndpoint, the AWS face of the data plane in `sagehen.serving`.

It knows nothing of services/sagemaker: the loops of endpoints there publish routers in the
EndpointDirectory, and this service finds them by account, region and name.
"""
