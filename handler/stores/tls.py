"""TLS to the stores: the server's name is checked, and who signed its certificate."""

from __future__ import annotations

import ssl

from handler.errors import SettingsError


def trust_only(ca_file: str, remedy: str) -> ssl.SSLContext:
    """TLS 1.2 or newer with the authorities of that file alone.

    Raises ``SettingsError``, which ends with ``remedy``. The system's authorities are 20 ms more.
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
