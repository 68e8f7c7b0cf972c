"""AWS: ``client`` makes clients of boto3; the rest is one service or one need each.

``credentials`` of the function, ``signature`` of log-in tokens, ``secrets``, ``objects`` in S3, and
``functions`` of Lambda.
"""
