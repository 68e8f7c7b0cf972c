"""Tests of API Gateway in small: events, authorizer, surface, limits."""
