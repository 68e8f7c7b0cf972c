"""Objects of a bucket instead of a file: what an S3 notification names is loaded, one by one.

S3 may send a notification twice, and Lambda calls again after a failure. Both are harmless: the
same object leaves the same rows, and its rejects the same object.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from handler.jobs.ingest.mapping import InputMapping, find_mapping
from handler.jobs.ingest.report import IngestError, Report
from handler.jobs.ingest.run import TellChanged, ingest
from handler.stores.aws.objects import ObjectStore
from handler.stores.url import DatabaseUrl


@dataclass(frozen=True, slots=True)
class NewObject:
    """One object of a notification. ``sequencer`` is another for each write of the same key."""

    bucket: str
    key: str
    version: str | None
    sequencer: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def parse_notification(event: Mapping[str, Any]) -> list[NewObject]:
    """The objects of an event as S3 sends it. Raises ``IngestError`` for any other event.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    try:
        return [_new_object(record["s3"]) for record in event["Records"]]
    except (KeyError, TypeError) as error:
        raise IngestError("the event is no notification of S3 about new objects") from error


async def load_objects(
    url: DatabaseUrl,
    store: ObjectStore,
    objects: Sequence[NewObject],
    *,
    mappings: Path,
    rejects_prefix: str,
    tell_changed: TellChanged,
) -> list[dict[str, Any]]:
    """Load each object by the mapping of its folder.

    The lines that cannot be used become an object under ``rejects_prefix``.

    ``tell_changed`` as in ``ingest``. Raises ``IngestError`` for an object that is cut or broken,
    after the lines before the damage are loaded; besides what ``ingest`` raises.
    """
    chosen = [mapping_of(mappings, each) for each in objects]
    return [
        await _load(url, store, each, mapping, rejects_prefix, tell_changed)
        for each, mapping in zip(objects, chosen, strict=True)
    ]


def mapping_of(folder: Path, new: NewObject) -> InputMapping:
    """``incoming/NAME/...`` is read by ``NAME.toml`` if there is one, all else by ``default.toml``.

    Raises ``IngestError``.
    """
    parts = new.key.split("/")
    is_named = len(parts) > 2 and (folder / f"{parts[1]}.toml").is_file()
    return find_mapping(folder, parts[1]) if is_named else find_mapping(folder)


async def _load(
    url: DatabaseUrl,
    store: ObjectStore,
    new: NewObject,
    mapping: InputMapping,
    rejects_prefix: str,
    tell_changed: TellChanged,
) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        store.open(new.bucket, new.key, new.version) as body,
    ):
        rejects = Path(folder, "rejects.jsonl")
        report = await ingest(url, body, mapping, rejects=rejects, tell_changed=tell_changed)
        rejects_key = None
        if report.rejected:
            rejects_key = f"{rejects_prefix}{new.key}.{new.sequencer}.jsonl"
            store.put(new.bucket, rejects_key, rejects)
    if report.damaged:  # told without the reasons of rejects, which repeat what the lines hold
        raise IngestError(
            f"{new} ended early ({report.damaged}); upload it again: {report.loaded:,} lines are "
            f"loaded, {report.rejected:,} rejected"
            + (f" and written to {rejects_key}" if rejects_key else "")
        )
    return _answer(new, report, rejects_key)


def _answer(new: NewObject, report: Report, rejects_key: str | None) -> dict[str, Any]:
    """What Lambda logs and hands to an on-success destination."""
    return {
        "object": str(new),
        "loaded": report.loaded,
        "rejected": report.rejected,
        "rejects": rejects_key,
        "reasons": dict(report.reasons),
        "tables": {
            name: {"new": tally.new, "changed": tally.changed}
            for name, tally in report.tables.items()
        },
        "notes": report.notes,
    }


def _new_object(record: Mapping[str, Any]) -> NewObject:
    found = record["object"]
    return NewObject(
        bucket=record["bucket"]["name"],
        key=unquote_plus(found["key"]),
        version=found.get("versionId"),
        sequencer=found.get("sequencer", "0"),
    )
