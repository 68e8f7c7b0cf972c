"""Tests of the Lambda library, stage by stage."""
