"""The platform's side: an executor whose sandboxes run on nodes, and on this machine as before.

`executor.py` is `executors.base.Executor`; `node.py` is one node as the platform hears of it, `sandbox.py`
one sandbox there, `doors.py` the doors of networks on nodes, `sockets.py` sockets here that lead there.
"""
