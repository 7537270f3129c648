"""Lanes: connections that a worker serves by itself, without the front process between it and the caller.

The front accepts every connection, and keeps it. Where handlers are quick, it lends connections to workers,
evenly: a worker reads a request, answers it, and gives the connection back when anything is out of the
ordinary. Nothing is read ahead and the front holds its own descriptor, so that a worker's death costs the one
request that it was answering, as without lanes.
"""
