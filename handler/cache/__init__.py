"""The response cache: whole answers, kept until one of their tables changes or their time is over.

``response_cache`` finds and keeps them, in the process (``local_tier``) and in Redis; ``entry`` is
how one is written.
"""
