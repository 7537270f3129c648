"""The local Linux executor: each spec becomes a process tree in namespaces of its own, spawned or forked."""
