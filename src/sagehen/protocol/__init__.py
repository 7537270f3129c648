"""AWS wire formats, driven by botocore's service models; the only home of botocore's models.

Parser and serializer take a service model and an operation model, never a service's name.
"""
