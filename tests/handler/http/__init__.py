"""The stages of HTTP. ``events`` builds and loads events; ``reference`` answers them."""
