"""Traces: where the time of one request went.

``spans`` are what is kept of a request while it is answered; ``handler/engine/watched`` puts one
around each stage, by standing before engine, database and cache, so that nothing is asked or
measured where traces are off. ``tracer`` begins and ends the trace of a request, and hands it to
``xray`` (Lambda's own daemon, by one datagram and no library) or to ``opentelemetry`` (any
collector, by the packages that the user has installed). At the log level DEBUG a line for each
statement is made of the same.
"""
