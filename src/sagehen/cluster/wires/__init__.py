"""Wires: one private network on several nodes. Its packets go over links.


packets  what goes over a stream, and where it says that it comes from and goes to: pure
wire     between a device of a node's and a stream
near     a stream within the platform, which has no link to itself
hub      on the platform: from one node's stream to another's
"""
