"""STS: temporary credentials, the roles that they are of, and whom a key proves.

Other services take their sessions of roles here (`of_roles`); sessions for who proves an identity
of somebody else are in `federation`.
"""
