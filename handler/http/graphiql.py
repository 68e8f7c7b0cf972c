"""GraphiQL, the query editor: the page that a browser gets, and its files.

The page is one constant text. Its script and style sheet are at ``./graphiql/`` of the same origin,
from a folder that ``aurora-graphql package`` fills. ``graphiql.js`` is a module that mounts
GraphiQL in the element ``graphiql`` and sends requests to the address of the page. There is no
inline script, so that the content security policy can forbid them.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

HTML = b"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="./graphiql/graphiql.css">
<script type="module" src="./graphiql/graphiql.js"></script>
</head>
<body>
<div id="graphiql"><p>Loading GraphiQL. If this text stays, its files are not served at
<code>./graphiql/</code> or the browser runs no scripts; the API itself answers POST requests.</p>
</div>
</body>
</html>
"""

# Editors place their cursor and lines by inline styles, which cannot run a script, and start their
# language service as a worker from `blob:`.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain"}


class File(Struct, frozen=True):
    """One of GraphiQL's files. ``tag``: its entity tag, made from the content."""

    content: bytes
    media_type: str
    tag: str


def read_file(folder: str, name: str) -> File | None:
    """A file of the folder itself; None if there is none of that name, or of another type."""
    media_type = _MEDIA_TYPES.get(Path(name).suffix)
    # One segment of the path, decoded: it may hold slashes.
    path = Path(folder, name)
    if media_type is None or path.parent != Path(folder) or not path.is_file():
        return None
    content = path.read_bytes()
    return File(content, media_type, f'W/"{blake2b(content, digest_size=12).hexdigest()}"')
