"""What instances read through named pipes, on its way from S3, on the machine on which they run.

The platform runs this for its own machine, a node's porter for the node: nothing here knows of either.
"""
