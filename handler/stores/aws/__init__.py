"""AWS: ``client`` makes clients of botocore; each other module is about one service.

``credentials`` of the function, ``signature`` of log-in tokens, ``secrets``, ``objects`` in S3,
``functions`` of Lambda, and ``deployments`` of CodeDeploy.
"""
