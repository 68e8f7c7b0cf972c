"""Run a program on mocks: ``preview.recording``."""

from preview.answers import ACCOUNT_ID, REGION, ZONES
from preview.graph import UNKNOWN, Export, Graph, Resource
from preview.recording import PROJECT, RecordingMocks, declare

__all__ = [
    "ACCOUNT_ID",
    "PROJECT",
    "REGION",
    "UNKNOWN",
    "ZONES",
    "Export",
    "Graph",
    "RecordingMocks",
    "Resource",
    "declare",
]
