"""APIs while they are edited: the API, its resources, methods, authorizers, validators, gateway responses.

Operations and rules of each part, one file a part. Nothing here is seen by requests before `stages`
deploys it.
"""
