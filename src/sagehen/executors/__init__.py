"""Where work runs: sandboxes for training instances, endpoint instances, functions and machines.

`base` is the contract, `sandbox` the local Linux executor, `debug` plain processes (`--sandbox=off`), and
`probe` tells what this machine can do. Below them:

    network     private networks, and the doors in them
    warm        processes to fork from
    isolation   what is seen inside, which system calls there are
    processes   what has been started: its output, its end, its record
    limits      processors, memory, processes, disk
    hardware    instance types, GPUs
    folders     of jobs: their names, whose they are, how they go

Nothing here knows what a training job or an endpoint is.
"""
