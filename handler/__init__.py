"""The Lambda library: one GraphQL request in, JSON bytes out.

In order of control flow. ``entry`` has the entry points and starts ``app``, of the clients that
``settings`` name. For a request ``http`` takes the event, ``access`` says who asks, and ``engine``
goes through ``language`` (a text becomes a checked operation), ``compiler`` (an operation and the
``model`` of the SDL become statements) and ``execution`` (rows become JSON), or ``resolvers`` where
Python functions answer; ``cache`` keeps whole answers. ``observe`` logs, ``snapshot`` is for
SnapStart. ``jobs`` are the programs beside the requests.

Below them are the edges, ``stores`` (MySQL, Redis, AWS), ``scalars`` (all that is known of each
scalar), ``sql`` (statements as values)
and ``errors``. Imports go down this list and never up:
entry, jobs, app, engine, resolvers, execution, cache, compiler, model, settings, http, access,
language, observe, stores, scalars, sql, errors.
"""
