"""The page that a browser gets for a plain GET: GraphiQL, the query editor.

The page is this one text; its program and its styles come from ``./graphiql/`` of the same origin,
served by whoever has the files. ``graphiql.js`` is a module that mounts GraphiQL in the element
``graphiql`` and sends requests to the address of the page. The text has no script of its own, so
that the content security policy can forbid all scripts but those files.
"""

from __future__ import annotations

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

# Inline styles are allowed because editors place their cursor and lines with them; an inline style
# cannot run a program. Workers from `blob:` are how an editor starts its language service.
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
