"""The door of MLflow tracking servers: clients' signed requests, and the page in a browser.

What lets a browser's request in, and what is passed on of any, is as at notebook instances' door.
"""
