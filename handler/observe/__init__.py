"""Logs and metrics, and the causes of a failure.

``record`` is what is known of one request; ``log`` writes lines and metrics, of the API and of the
authorizer, by ``levels``; ``causes`` finds the exceptions behind an error, ``damage`` tells which
file of an archive is damaged.
"""
