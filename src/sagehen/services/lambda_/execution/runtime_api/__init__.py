"""The Lambda Runtime API (2018-06-01), served inside one environment's own network.

`api.py` decides, `connection.py` reads and writes: a protocol of its own instead of an HTTP framework, since
the two exchanges below are the hot path of every warm invocation.

    runtime ---- GET  /2018-06-01/runtime/invocation/next -----------> held until there is an event
    runtime <--- 200, the event, its request id and deadline --------
    runtime ---- POST /2018-06-01/runtime/invocation/<id>/response --> the answer (or .../error)
    runtime <--- 202 ------------------------------------------------

A response in mode `streaming` goes on piece by piece while it is read; what failed on the way, trailers tell.

What extensions ask at the same address is their company's to answer.

Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""
