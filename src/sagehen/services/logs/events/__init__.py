"""Events: what is taken in (acceptance, sink, quota), how it lies (records), how it is read (merge, page).

Stored events that filters are still to see are noted in the `outbox`, in the same transaction.
"""
