"""Whether the compiled files of an archive will load in the target's runtime, read from their ELF.

A library that asks for a newer glibc, or is of another CPU, fails at the first import in Lambda;
here it fails the build.
"""

from __future__ import annotations

import re
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.target import SYMBOL_VERSIONS, SYSTEM_LIBRARIES, Target

_MAGIC = b"\x7fELF"
_MACHINES = {"EM_AARCH64": "aarch64", "EM_X86_64": "x86_64"}
_VERSION = re.compile(r"(?P<family>[A-Z]+)_(?P<numbers>\d+(\.\d+)*)")


def check_shared_objects(folder: Path, target: Target) -> int:
    """Look at every ELF file under ``folder``; returns their number.

    Raises ``BuildError`` with a line for each thing that the target does not have.
    """
    objects = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_elf(path)]
    carried = {path.name for path in objects}
    problems = [
        f"{path.relative_to(folder)}: {problem}"
        for path in objects
        for problem in find_problems(path, target, carried=carried)
    ]
    if problems:
        raise BuildError(f"these files would not load in {target}:\n" + "\n".join(problems))
    return len(objects)


def find_problems(path: Path, target: Target, *, carried: set[str]) -> list[str]:
    """What one shared object asks for and the target lacks; ``carried``: files beside it."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            machine = _MACHINES.get(elf["e_machine"], elf["e_machine"])
            if machine != target.machine:
                return [f"is for {machine}, not for {target.machine}"]
            dynamic = elf.get_section_by_name(".dynamic")
            if not isinstance(dynamic, DynamicSection):
                return ["has no table of the libraries that it needs"]
            return _missing_libraries(dynamic, carried) + _missing_symbols(elf, dynamic)
    except ELFError as error:
        return [f"is no ELF file that can be read: {error}"]


def _missing_libraries(dynamic: DynamicSection, carried: set[str]) -> list[str]:
    needed = [str(getattr(tag, "needed")) for tag in dynamic.iter_tags("DT_NEEDED")]  # noqa: B009
    return [
        f"needs {library}, which the runtime does not have"
        for library in needed
        if library not in SYSTEM_LIBRARIES | carried
    ]


def _missing_symbols(elf: ELFFile, dynamic: DynamicSection) -> list[str]:
    section = elf.get_section_by_name(".gnu.version_r")
    if not isinstance(section, GNUVerNeedSection):
        needs_some = any(dynamic.iter_tags("DT_VERNEED"))
        return ["hides the versions of the symbols that it needs"] if needs_some else []
    problems = []
    for library, versions in section.iter_versions():
        for version in versions:
            if library.name in SYSTEM_LIBRARIES and not is_offered(version.name):
                problems.append(f"needs {version.name} of {library.name}, newer than the runtime's")
    return sorted(problems)


def is_offered(version: str) -> bool:
    """Whether the runtime has a symbol version such as ``GLIBC_2.34``; of unknown kinds none."""
    found = _VERSION.fullmatch(version)
    if found is None or found["family"] not in SYMBOL_VERSIONS:
        return False
    numbers = tuple(map(int, found["numbers"].split(".")))
    return numbers <= SYMBOL_VERSIONS[found["family"]]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC
