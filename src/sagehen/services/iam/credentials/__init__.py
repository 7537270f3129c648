"""What a user proves itself with: access keys, passwords, one-time passwords, credentials of single services.

There is no console to sign in to, so passwords guard nothing but themselves: the account's policy
holds for them and ChangePassword asks for the old one. MFA devices are real: codes are checked, and
sessions made with one say so to every policy.
"""
