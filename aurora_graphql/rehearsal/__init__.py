"""A stack's life in an account of one's own, step by step, against what is claimed of AWS.

In order of control flow: ``__main__`` (the command), ``steps`` (first deploy, code change, SDL
change, proxy switch, going back, restore, destroy), ``shell`` (Pulumi, AWS's command line and the
API, which tests replace), ``claims`` (the claims, of ``claims.toml``: what is said, where AWS says
it, how it is tested without AWS).
"""
