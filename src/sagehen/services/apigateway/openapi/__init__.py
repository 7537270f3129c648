"""OpenAPI 2 and 3.0 documents, read into definitions and written from them, with API Gateway's extensions.

The rules of what is read stand where the operations have them: in `definition` and `documentation`.
"""
