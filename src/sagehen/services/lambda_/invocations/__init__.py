"""Invocations: from a request, or from another service, to an environment and back.

Events that are answered before they run are the queue's, which stands above this room.
"""
