"""The contract between the front door and the services: operations, contexts, signatures, streams, errors.

No HTTP, no wire format and no service's logic lives here.
"""
