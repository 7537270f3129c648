"""Identities of others: OIDC and SAML providers, and sessions of roles for who proves one.

An OIDC token is verified for real: its signature with the keys that the issuer publishes, its
audience and time, and then the role's trust policy. SAML providers are records: AssumeRoleWithSAML
answers 501.
"""
