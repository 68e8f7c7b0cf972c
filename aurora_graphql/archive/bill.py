"""The bill of materials: which packages are in the archive, as CycloneDX.

It holds no time and no random number: the same archive has the same bill.
Source: https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from aurora_graphql.archive.certificates import LockedPackage
from aurora_graphql.archive.wheels import Wheel

BILL = "sbom.json"
_SCHEMA = SchemaVersion.V1_6
_PROJECT = "aurora-graphql"


def build_bill(
    wheels: Iterable[Wheel],
    certificates: LockedPackage | None,
    scripts: Iterable[LockedPackage] = (),
    *,
    content_sha256: str,
) -> dict[str, Any]:
    """The bill of an archive with that content; hashes are those of the locked files.

    ``certificates``: the package that they are from; None for a file of somebody's choice.
    ``scripts``: what GraphiQL is bundled of.
    """
    root = Component(name=_PROJECT, type=ComponentType.APPLICATION, bom_ref=_PROJECT)
    root.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=content_sha256))
    components = [_component(wheel) for wheel in wheels]
    if certificates is not None:
        components.append(
            _of_npm(
                certificates,
                ComponentType.DATA,
                "Authorities of Amazon RDS and Amazon Trust Services",
            )
        )
    components += [
        _of_npm(package, ComponentType.LIBRARY, "A part of GraphiQL") for package in scripts
    ]
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, content_sha256))
    bom.metadata.component = root
    bom.components.update(components)
    bom.register_dependency(root, components)
    text = make_outputter(bom, OutputFormat.JSON, _SCHEMA).output_as_string()
    bill: dict[str, Any] = json.loads(text)
    del bill["metadata"]["timestamp"]  # optional, and another one in every build
    return bill


def _of_npm(package: LockedPackage, kind: ComponentType, description: str) -> Component:
    scope, _, name = package.name.rpartition("/")
    purl = PackageURL("npm", namespace=scope or None, name=name, version=package.version)
    component = Component(
        name=package.name,
        version=package.version,
        type=kind,
        bom_ref=str(purl),
        purl=purl,
        description=description,
    )
    component.hashes.add(HashType(alg=HashAlgorithm.SHA_512, content=package.sha512))
    component.licenses.add(LicenseFactory().make_from_string(package.license))
    return component


def _component(wheel: Wheel) -> Component:
    purl = PackageURL("pypi", name=wheel.name, version=wheel.version)
    component = Component(
        name=wheel.name,
        version=wheel.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        description=wheel.metadata["Summary"],
    )
    component.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=wheel.sha256))
    # Older packages have a name there, or the whole text, whose first line is one.
    named = wheel.metadata["License-Expression"] or wheel.metadata["License"]
    if named:
        component.licenses.add(LicenseFactory().make_from_string(named.strip().splitlines()[0]))
    return component
