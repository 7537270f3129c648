"""The HTTP front door: one port, one readable chain of steps, one file per step.

    door         the sockets and the ASGI application: put together here what the others are
    proxy        requests to a proxy: AWS's names over TLS, all others tunnelled to
    chain        the ordered list of what happens to a request
    execute_api  requests to users' own REST APIs        pages        the platform's own
    operations   which operation is asked for, may it be, and how its refusal is written
    s3           what S3 has beside operations: buckets in host names, CORS, forms, websites, the real S3
    signatures   who asks, and what was promised of the body
    outside      ways to other hosts
    requests     a request as it was read                connections  HTTP on one socket, within limits
    trust        the local authority, and whom to trust beside it

No service's logic lives here, and no wire format: that is `sagehen.protocol`.
"""
