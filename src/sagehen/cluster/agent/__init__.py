"""The node's side: `agent.py` has what the platform asks for, `process.py` is the process around it.

An agent works for one platform. It starts sandboxes by the local executor, in folders of its own; what they
print waits until the platform has it, and they end when nobody has asked for them for a minute.
"""
