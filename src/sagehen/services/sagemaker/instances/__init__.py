"""What an instance is on this machine, for jobs and hosting alike.

Its type's limits, the capacity that is left, the environment that containers find, GPUs, caches, peers. No
job and no endpoint is known here.
"""
