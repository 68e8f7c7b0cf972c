"""Desks of several tenants, what they publish, and notes on it: every question, under row rules."""
