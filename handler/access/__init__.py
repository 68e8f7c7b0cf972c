"""Who may ask what.

For the authorizer (``jobs/authorize.py``), in order of control flow: ``api_keys`` knows a static
key; ``tokens`` verifies a JSON Web Token with ``keys`` (one issuer's, cached), which ``fetch``
brings; ``claims`` makes the ``principal``, ``iam_policy`` the answer for API Gateway. ``trust`` is
what the settings say of all that, ``scopes`` how one text holds several. In the API, ``rules``
reads what the SDL asks for and turns a principal into a ``grant``; ``limits`` are those of callers.
Only ``keys`` and ``tokens`` need cryptography, so that the functions that answer requests do not
pay for it.
"""
