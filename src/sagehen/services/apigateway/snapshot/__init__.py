"""What a deployment freezes: the contract between the control plane and the data plane.

The control plane makes these from its records; the data plane only reads them. They are immutable
and hashable by identity, so that whatever is compiled from one (a route table, templates,
validators) may be remembered per snapshot object for as long as that object lives: the control
plane hands out the same `ApiSnapshot` object for the same deployment until memory is emptied.
"""
