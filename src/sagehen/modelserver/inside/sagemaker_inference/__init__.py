"""The names that handlers import from AWS's `sagemaker-inference`, for the containers of endpoints.

Only what user code imports is here: content types, decoder, encoder, errors and the default handler.
There is no Java server and no `model_server`; asking for them is an ImportError, as it should be.
Source: https://github.com/aws/sagemaker-inference-toolkit, whose behaviour this follows.
"""
