"""Where work runs: sandboxes for training instances, endpoint instances, functions and machines.

`base` is the contract; `sandbox` the local Linux executor; `debug` runs plain processes
(`--sandbox=off`). Nothing here knows what a training job or an endpoint is.
"""
