"""One stack: what ``Pulumi.<stack>.yaml`` says, of the types and the tables of this folder."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.api_on_aurora import ApiOnAurora, ApiOnAuroraArgs

args = ApiOnAuroraArgs.of_stack(Path(__file__).resolve().parent)
stack = ApiOnAurora(args.settings.general.name, args)
for key, output in stack.exports().items():
    pulumi.export(key, output)
