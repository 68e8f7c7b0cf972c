"""A stack's life in an account of one's own, step by step, against what is claimed of AWS.

In order of control flow: ``command`` (the walk and its report), ``steps`` (first deploy, code
change, SDL change, going back, proxy switch, restore, destroy), ``shell`` (Pulumi, AWS's command
line and the API, which tests replace), ``claims`` (the claims, of ``claims.toml``: what is said,
where AWS says it, how it is tested without AWS).
"""
