"""AWS KMS: keys, aliases, grants, and what is done with them by `cryptography`.

keys/        a key's record, what specs can do, material, states, rotation
grants/      rights that are given and taken back without touching a policy
operations/  encrypting, data keys, signing, codes
No custom key stores, no replicas in other regions: these operations answer 501.
"""
