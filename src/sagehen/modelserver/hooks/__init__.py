"""User code in a worker: its hooks, the defaults for those that are missing, contents and their types.

What it says to the front process goes through `messages`; processes and sockets are none of its business.
"""
