"""The components as a Pulumi plugin: ``pulumi package add <this repository>/plugin@<version>``."""

import sys
import tomllib
from pathlib import Path

import yaml
from pulumi.provider import main

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # Pulumi installs requirements.txt, not the repository

from components.hosting import Host  # noqa: E402

if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    settings = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    host = Host(
        name=project["name"],
        version=project["version"],
        settings={key: declared["description"] for key, declared in settings.items()},
    )
    main(host, sys.argv[1:])
