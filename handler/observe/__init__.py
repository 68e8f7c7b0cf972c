"""What is logged and measured, and what failed at bottom.

``log`` writes lines and metrics, of the API and of the authorizer, by ``levels``; ``causes`` finds
the exceptions behind an error, ``damage`` tells which file of an archive is damaged.
"""
