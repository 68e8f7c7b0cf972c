"""TLS to database and cache: checks the server's name and certificate."""

from __future__ import annotations

import ssl

from handler.errors import SettingsError


def trust_only(ca_file: str, remedy: str) -> ssl.SSLContext:
    """A context for TLS 1.2 or newer that trusts the authorities in a file only.

    Raises ``SettingsError``, whose message ends with ``remedy``. Loading the system's authorities
    would take 20 ms.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:  # also what is no certificate
        raise SettingsError(
            f"the file of certificates {ca_file!r} cannot be used ({error.strerror or error}); "
            f"{remedy}"
        ) from error
    return context
