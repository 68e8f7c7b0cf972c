"""Scopes in one text, as tokens, the authorizer's context and settings write them."""

from __future__ import annotations


def split_scopes(text: str) -> list[str]:
    """The scopes of a text. The space (0x20) alone separates them: any other blank is a letter.

    Source: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    """
    return [scope for scope in text.split(" ") if scope]
