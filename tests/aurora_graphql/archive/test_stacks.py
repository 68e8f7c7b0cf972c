"""What the stacks choose that an archive is prepared for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from aurora_graphql.archive.stacks import SHAPING, chosen_regions, chosen_variables, wants_graphiql
from handler.engine.engine import shaping
from handler.settings import VARIABLES, Settings
from handler.settings.kinds import Whole
from handler.settings.reading import default_of

DATABASE = {"DATABASE_URL": "mysql://nobody@localhost/none"}


def write_stacks(folder: Path, **stacks: list[str] | None) -> Path:
    """A project whose stacks have such ``functionVariables``; None: the key is absent."""
    (folder / "Pulumi.yaml").write_text(
        "name: shop\nconfig:\n  functionVariables:\n    type: array\n    default: []\n"
    )
    for stack, variables in stacks.items():
        config = {"aws:region": "eu-central-1"}
        chosen = {} if variables is None else {"shop:functionVariables": variables}
        text = yaml.safe_dump({"config": {**config, **chosen}})
        (folder / f"Pulumi.{stack}.yaml").write_text(text)
    return folder


def test_variables_that_shape_are_those_that_the_handler_looks_at() -> None:
    """All of them are whole numbers."""
    plain = shaping(Settings.from_environ(DATABASE))
    found = set()
    for variable in VARIABLES:
        if not isinstance(variable.kind, Whole) or variable.field.startswith("database_url."):
            continue
        default = default_of(Settings, variable.field)
        other = default - 1 if default > variable.kind.minimum else default + 1
        settings = Settings.from_environ({**DATABASE, variable.name: str(other)})
        if shaping(settings) != plain:
            found.add(variable.name)
    assert found == set(SHAPING)


def test_each_choice_of_a_stack_is_taken_once_and_the_defaults_come_first(tmp_path: Path) -> None:
    folder = write_stacks(
        tmp_path,
        big=["PAGE_SIZE_MAX=500", "PAGE_SIZE=20"],
        dev=None,
        prod=["PAGE_SIZE=20", "PAGE_SIZE_MAX=500"],
        small=["LIST_MAX=10"],
        test=[],
    )
    assert chosen_variables(folder) == [
        {},
        {"LIST_MAX": "10"},
        {"PAGE_SIZE": "20", "PAGE_SIZE_MAX": "500"},
    ]


def test_defaults_that_no_stack_has_are_not_prepared_for(tmp_path: Path) -> None:
    folder = write_stacks(tmp_path, dev=["LIST_MAX=10"], prod=["LIST_MAX=10"])
    assert chosen_variables(folder) == [{"LIST_MAX": "10"}]


@pytest.mark.parametrize("name", ["DOCUMENT_COST_MAX", "DOCUMENT_ERRORS_MAX", "AUTH_CLAIMS"])
def test_variables_that_shape_nothing_make_no_choice(tmp_path: Path, name: str) -> None:
    assert chosen_variables(write_stacks(tmp_path, dev=[f"{name}=7"])) == [{}]


def test_stack_without_the_key_has_what_the_project_says(tmp_path: Path) -> None:
    folder = write_stacks(tmp_path, dev=None, prod=["LIST_MAX=10"])
    project = folder / "Pulumi.yaml"
    project.write_text(project.read_text().replace("[]", "[PAGE_SIZE=5]"))
    assert chosen_variables(folder) == [{"LIST_MAX": "10"}, {"PAGE_SIZE": "5"}]


def test_project_without_stacks_makes_the_choice(tmp_path: Path) -> None:
    assert chosen_variables(write_stacks(tmp_path)) == [{}]


@pytest.mark.parametrize(
    "config",
    [
        pytest.param("", id="empty-file"),
        pytest.param("config:\n", id="empty-config"),
        pytest.param("config:\n  shop:functionVariables:\n    secure: abc\n", id="encrypted"),
        pytest.param("config:\n  shop:functionVariables:\n  - secure: abc\n", id="encrypted-item"),
    ],
)
def test_file_that_chooses_nothing_readable_has_the_defaults(tmp_path: Path, config: str) -> None:
    write_stacks(tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text(config)
    assert chosen_variables(tmp_path) == [{}]


def test_regions_are_those_of_the_stacks(tmp_path: Path) -> None:
    folder = write_stacks(tmp_path, dev=None, prod=None, test=None)
    (folder / "Pulumi.prod.yaml").write_text("config:\n  aws:region: us-east-1\n")
    assert chosen_regions(folder) == frozenset({"eu-central-1", "us-east-1"})


@pytest.mark.parametrize("text", ["config: {}\n", "", "config:\n  aws:region: {secure: a}\n"])
def test_a_stack_that_does_not_say_its_region_may_be_anywhere(tmp_path: Path, text: str) -> None:
    folder = write_stacks(tmp_path, dev=None)
    (folder / "Pulumi.prod.yaml").write_text(text)
    assert chosen_regions(folder) is None


def test_without_a_stack_the_region_may_be_any(tmp_path: Path) -> None:
    assert chosen_regions(write_stacks(tmp_path)) is None


@pytest.mark.parametrize(
    ("default", "chosen", "expected"),
    [
        pytest.param(False, [None, None], False, id="nobody"),
        pytest.param(False, [None, True], True, id="one-stack"),
        pytest.param(True, [False, None], True, id="a-stack-by-default"),
        pytest.param(True, [False, False], False, id="all-switched-off"),
        pytest.param(True, [], True, id="without-a-stack-the-project"),
        pytest.param(None, [None], False, id="a-project-without-the-key"),
    ],
)
def test_graphiql_is_wanted_where_a_stack_shows_it(
    tmp_path: Path, default: bool | None, chosen: list[bool | None], expected: bool
) -> None:
    declared = {} if default is None else {"apiGraphiql": {"type": "boolean", "default": default}}
    project = {"name": "shop", "config": declared}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    for number, value in enumerate(chosen):
        config = {} if value is None else {"shop:apiGraphiql": value}
        (tmp_path / f"Pulumi.s{number}.yaml").write_text(yaml.safe_dump({"config": config}))
    assert wants_graphiql(tmp_path) is expected
