"""What instances write, on its way to S3: looked through, packed, stored, from the machine on which it lies.

The platform runs this for its own machine, a node's porter for the node: nothing here knows of either.
"""
