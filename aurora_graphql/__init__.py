"""What runs on a developer's machine and in CI, never in Lambda.

``dev`` serves the API with servers of its own, ``check`` compares the SDL with a database, as
``catalog`` reads it, ``explain`` shows plans, ``archive`` builds the Lambda archive, ``preview``
shows a stack without an account.
"""
