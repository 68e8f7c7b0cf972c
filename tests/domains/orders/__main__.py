"""One stack: what ``Pulumi.<stack>.yaml`` says, of the types and the tables of this project."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from aurora_graphql.project_file import Project
from components.api_on_aurora import ApiOnAurora, ApiOnAuroraArgs

project = Project.of(Path(__file__).parent)
args = ApiOnAuroraArgs.of_stack(
    project.folder,
    sdl=project.sdl_in_use(os.environ),
    migrations=project.migrations_in_use(os.environ),
    mappings=project.mappings,
)
stack = ApiOnAurora(args.settings.general.name, args)
for key, output in stack.exports().items():
    pulumi.export(key, output)
