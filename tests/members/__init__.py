"""Does every member that an operation accepts have an effect, or at least a place where it is kept?

`spy.py` runs the platform with handlers that get a request which notes what is read of it; `bases.py` finds
a request that works for each operation; `probes.py` adds to it, one after the other, every member that
the model has. What is accepted and never read has been dropped: `test_members.py` compares that with
`dropped.py`, where each has its reason.
"""
