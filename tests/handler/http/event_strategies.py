"""Strategies of hypothesis for events."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.handler.http.events import recorded

# Lone surrogates included: the gateway's JSON may hold them as escapes.
any_text = st.text(st.characters(exclude_categories=()), max_size=20)
any_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
FIELDS = [*recorded("post"), "version"]
