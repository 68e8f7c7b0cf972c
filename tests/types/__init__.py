"""Tests of docs/clients.md: GraphQL clients, as the page uses them."""
