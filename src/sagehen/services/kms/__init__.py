"""AWS KMS: keys, aliases, grants, and what is done with them by `cryptography`.

From the ground up, imports going only downwards:

keys/          a key's record, what specs can do, material, finding a key, the rule of access to one
grants/        rights that are given and taken back without touching a policy
policies/      key policies, and what guards a key: its policy and its grants together
lifecycle/     making, enabling, rotating, importing and deleting keys
cryptography/  encrypting, data keys, signing, codes
No custom key stores, no replicas in other regions: these operations answer 501.
"""
