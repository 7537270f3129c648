"""Lambda: functions, their versions and aliases, and the execution environments that run them.

`execution/` holds what runs (environments, the Runtime API, warm parents); everything else is the
service: records, concurrency, dispatch, the asynchronous queue.
"""
