"""The data plane of REST APIs: from one plain request to one plain answer.

`execute_api.py` is the pipeline; a room for each of its steps. Everything here works on snapshots
(`services/apigateway/snapshot`) and on the dataclasses of `messages/message.py`; sockets, ASGI and
signatures stay in `gateway/execute_api/answers.py`, records and operations on resources in the control
plane. Functions, roles and policies are reached through `domain/ports` only.
"""
