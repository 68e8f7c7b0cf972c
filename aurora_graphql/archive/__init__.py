"""The Lambda archive: the zip, its manifest and its bill of materials.

In order of control flow: ``build`` goes through ``options`` (what to build), ``target`` (the
runtime it is for), ``stacks`` (what they choose that it must fit), ``api`` (what the SDL needs:
``prepare`` makes it ahead, ``manifests`` lists the known operations), ``lock`` and ``wheels`` (the
locked packages and what they need), ``certificates`` (whom the functions trust), ``graphiql``,
``stage`` (the files), ``bytecode``, ``modules`` (all of it in one file), ``shared_objects`` (will
they load there), ``writing`` (zip and manifest), ``bill``. ``brought`` is what a wheel has of all
that already; ``audit`` asks for known vulnerabilities. ``command`` runs other programs, ``errors``
has the one error of a build. It makes no AWS call.
"""
