"""Which fields and arguments clients use, read from the log of the API.

``lines`` finds its lines, in files or in CloudWatch Logs; ``counting`` adds them up; ``command``
prints the report, and writes it as a file that ``schema diff --usage`` reads; ``hive`` makes
reports for a registry of Hive.
"""
