"""The components as a Pulumi plugin: ``pulumi package add <this repository>/plugin@<version>``."""

import sys
import tomllib
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # Pulumi installs requirements.txt, not the repository

from components.hosting import hosted_components  # noqa: E402

if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    component_provider_host(
        components=hosted_components(), name=project["name"], version=project["version"]
    )
