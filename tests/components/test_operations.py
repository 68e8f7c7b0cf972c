"""What docs/deploy.md and docs/operations.md name exists: settings, targets of make, outputs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from components.api_on_aurora import ApiOnAurora
from components.limits import setting_key
from components.queries import QUERIES
from components.settings import declared_keys
from tests.components.test_monitoring import NODES, alarms

ROOT: Final = Path(__file__).resolve().parents[2]
TEXT: Final = "".join(
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("deploy.md", "operations.md")
)
RUNBOOK: Final = ROOT / "docs/runbook.md"
NO_SETTINGS: Final = {"allowMajorVersionUpgrade"}  # an input of the cluster


def test_settings_exist() -> None:
    known = {setting.key for setting in declared_keys()}
    sections = {re.split("[A-Z]", key)[0] for key in known} | {"allow"}
    words = set(re.findall(r"`([a-z]+[A-Z]\w+)(?::[^`]*)?`", TEXT))
    words |= set(re.findall(r"pulumi config set (\w+)", TEXT))
    named = {word for word in words if re.split("[A-Z]", word)[0] in sections}
    assert len(named) > 30
    assert named - known == NO_SETTINGS


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    named = set(re.findall(r"(?:`|^ *)make ([a-z-]+)\b", TEXT, re.M))
    assert {"preview", "package", "lock", "test"} <= named
    assert named <= targets


def test_outputs_exist() -> None:
    named = set(re.findall(r"pulumi stack output (\w+)", TEXT))
    assert named
    assert named <= {setting_key("", output) for output in ApiOnAurora.__annotations__}


def test_every_alarm_has_a_section_of_the_runbook_and_every_section_an_alarm() -> None:
    sections = re.findall(r"^## (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.M)
    rung = {alarm.section for alarm in (*alarms().values(), *alarms(NODES).values())}
    assert sections == sorted(rung)


def test_runbook_names_settings_and_queries_that_there_are() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    known = {setting.key for setting in declared_keys()}
    sections = {re.split("[A-Z]", key)[0] for key in known}
    words = set(re.findall(r"`([a-z]+[A-Z]\w+)(?::[^`]*)?`", text))
    assert {word for word in words if re.split("[A-Z]", word)[0] in sections} <= known
    assert set(re.findall(r"query \*([^*]+)\*", text)) <= set(QUERIES)


def test_files_exist() -> None:
    named = re.findall(r"\]\((?!http)([^)#]+)\)", TEXT)
    assert named
    assert not [name for name in named if not (ROOT / "docs" / name).exists()]
