"""The Lambda library: one GraphQL request in, JSON bytes out.

In order of control flow. ``entry`` has the entry points, lets ``packed`` find the modules of an
archive, and starts ``app``, of the clients that ``settings`` name. For a request ``http`` takes the
event, ``access`` says who asks, and ``engine`` goes through ``language`` (a text becomes a checked
operation), ``fields`` (each kind of field becomes a part of a plan, and its values JSON),
``compiler`` (a plan becomes statements, by the ``model`` of the SDL) and ``execution`` (statements
become rows), or ``resolvers`` where Python functions answer; ``cache`` keeps whole answers.
``observe`` logs, and ``tracing`` makes spans. ``jobs`` are the programs beside the requests.
``later`` keeps modules from running that are imported and not used; ``paths`` are folders and files
as texts.

Below them are ``answer`` (the one type of an answer), ``scalars`` (all that is known of each
scalar), the edges, ``stores`` (MySQL, Redis, AWS), ``sql`` (statements as values) and ``errors``.
Imports go down and never up; docs/architecture.md has the picture.
"""
