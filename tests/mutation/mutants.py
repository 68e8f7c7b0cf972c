"""What is broken: every safety setting of the components once, by the module that holds it.

Settings that only a stack switches off, such as ``deletionProtection``, are broken where a
component passes them on.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.mutation.api_mutants import API
from tests.mutation.changes import Mutant
from tests.mutation.data_mutants import DATA
from tests.mutation.program_mutants import PROGRAM


def mutants() -> Iterator[Mutant]:
    """Every mutant, in the order of the modules."""
    for module, broken in {**DATA, **API, **PROGRAM}.items():
        for name, edit in broken.items():
            yield Mutant(name=f"{module}: {name}", path=f"components/{module}.py", edit=edit)
