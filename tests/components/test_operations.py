"""What docs/deploy.md and docs/operations.md name exists: settings, targets of make, outputs."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from components.api_on_aurora import ApiOnAurora
from components.limits import setting_key
from components.settings import declared_keys
from tests.components.test_monitoring import NODES, alarms

ROOT: Final = Path(__file__).resolve().parents[2]
TEXT: Final = "".join(
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("deploy.md", "operations.md")
)
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


def test_every_alarm_has_a_line_that_says_where_to_look() -> None:
    table = TEXT.split("| alarm | look at |", 1)[1].split("\n\n", 1)[0]
    named = {
        name.replace("...", "*")
        for row in table.splitlines()
        for name in re.findall(r"`([^`]+)`", row.split("|")[1] if "|" in row else "")
    }
    rung = {*alarms(), *alarms(NODES)}
    assert [name for name in rung if not any(fnmatch(name, one) for one in named)] == []
    assert [one for one in named if not any(fnmatch(name, one) for name in rung)] == []


def test_files_exist() -> None:
    named = re.findall(r"\]\((?!http)([^)#]+)\)", TEXT)
    assert named
    assert not [name for name in named if not (ROOT / "docs" / name).exists()]
