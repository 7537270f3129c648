"""Machines: sandboxes that stay, with disks that outlive them and processes that are started in them later.

Nothing here knows AWS: a notebook instance is one, an EC2 instance may be. `machine.py` is one that runs,
`machines.py` starts them, `volumes` their disks, `inside/agent.py` their first process.
"""
