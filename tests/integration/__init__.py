"""Tests on real MariaDB and Redis servers, which ``servers.py`` starts once per session."""
