"""An archive as a plain value; ``preview.pretend`` writes one to disk."""

from __future__ import annotations

from pathlib import Path

from components.archive import Archive


def example_archive(*, runtime: str = "python3.13") -> Archive:
    """An archive for components that never open it."""
    return Archive(
        path=Path("dist/handler.zip"),
        sha256="c2hhMjU2",
        runtime=runtime,
        architecture="arm64",
        sdl_sha256="5d1" + "0" * 61,
        migrations_sha256="316" + "0" * 61,
    )
