"""IAM and STS: who may do what, and the temporary credentials that prove it.

One package for both AWS services, because roles and their sessions are one matter. From the ground
up, imports going only downwards:

grammar/        the language of policies: documents, patterns, operators, what IAM refuses
entities/       what users, groups, roles, instance profiles and managed policies have in common
objects/        IAM's smaller things: rows of one table
policies/       managed, inline and trust policies, versions, attachments, boundaries
evaluation/     the decision: pure functions of policies and a request
identities/     the operations on users, groups, roles, instance profiles and their tags
credentials/    access keys, passwords, MFA devices
authorization/  the evaluator applied to what is stored, and the policy simulator
sessions/       STS: temporary credentials, and whom a key proves
federation/     identities of others: OIDC and SAML
account/        the account as a whole: alias, summary, details, its first role

All SQL on entities is in `*/records.py`. Nothing here knows HTTP or signatures.
"""
