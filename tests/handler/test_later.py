"""Modules that run when something of them is asked for, in an interpreter of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    program = f"import sys\nfrom handler.later import import_later, is_later\n{code}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("import colorsys; print(colorsys.rgb_to_hsv(0, 0, 0))", id="module"),
        pytest.param("from colorsys import rgb_to_hsv; print(rgb_to_hsv(0, 0, 0))", id="name"),
        pytest.param("import colorsys as c; print(c.rgb_to_hsv(0, 0, 0))", id="other-name"),
    ],
)
def test_it_is_the_module_once_it_is_used(use: str) -> None:
    assert run(f"import_later('colorsys')\n{use}") == "(0.0, 0.0, 0)"


def test_nothing_runs_before() -> None:
    show = "import_later('colorsys')\nimport colorsys\nprint(is_later('colorsys'), end=' ')\n"
    assert run(f"{show}colorsys.rgb_to_hsv\nprint(is_later('colorsys'))") == "True False"


def test_everybody_has_the_same_module() -> None:
    before = "import_later('colorsys')\nimport colorsys as one\nfrom colorsys import rgb_to_hsv\n"
    show = "import colorsys as two\nprint(one is two, one.rgb_to_hsv is rgb_to_hsv)"
    assert run(before + show) == "True True"


def test_it_knows_where_it_comes_from() -> None:
    show = "print(m.__file__, m.__spec__.name, type(m.__loader__).__name__)"
    expected = run(f"import colorsys as m\n{show}")
    assert run(f"import_later('colorsys')\nimport colorsys as m\nm.rgb_to_hsv\n{show}") == expected


def test_it_may_be_a_part_of_a_package_that_is_imported_later_still() -> None:
    use = "import json; from json import tool; print(is_later('json.tool'), tool.main.__name__)"
    assert run(f"import_later('json.tool')\n{use}") == "True main"


def test_its_package_knows_it_by_name() -> None:
    use = "import json\nimport_later('json.tool')\nimport json.tool\nprint(json.tool.main.__name__)"
    assert run(use) == "main"


def test_a_module_that_is_there_stays_as_it_is() -> None:
    assert run("import json\nimport_later('json')\nprint(is_later('json'))") == "False"


def test_a_name_that_is_none_is_an_error_as_always() -> None:
    code = "import_later('colorsys')\nimport colorsys\ntry: colorsys.nothing\n"
    assert "has no attribute 'nothing'" in run(f"{code}except AttributeError as e: print(e)")


def test_a_module_that_is_not_there_is_named_when_it_is_used() -> None:
    ask = "try: no_such.thing\nexcept ModuleNotFoundError as e: print(e, e.name)\n"
    found = run(f"import_later('no_such')\nimport no_such\n{ask}{ask}")  # each time
    assert found.splitlines() == ["No module named 'no_such' no_such"] * 2


def test_threads_wait_until_it_has_run(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(0.2)\nvalue = 7\n")
    code = (
        f"sys.path.insert(0, {str(tmp_path)!r})\nimport_later('slow')\nimport slow\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    print(*pool.map(lambda _: slow.value, range(4)))"
    )
    assert run(code) == "7 7 7 7"


def test_who_is_imported_by_it_meanwhile_sees_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "whole.py").write_text("early = 1\nimport part\nlate = 2\n")
    (tmp_path / "part.py").write_text("import whole\nfound = whole.early, hasattr(whole, 'late')\n")
    code = (
        f"sys.path.insert(0, {str(tmp_path)!r})\nimport_later('whole')\nimport whole\n"
        "print(whole.late, whole.part.found)"
    )
    assert run(code) == "2 (1, False)"


def test_patterns_of_modules_are_compiled_when_they_are_used(tmp_path: Path) -> None:
    (tmp_path / "searching.py").write_text(
        "import re\nWORD = re.compile('[a-z]+', re.I)\ndef now(): return re.compile('x')\n"
    )
    code = (
        f"sys.path.insert(0, {str(tmp_path)!r})\nimport re\n"
        "from handler.later import patterns_later\n"
        "with patterns_later():\n    import searching\n"
        "print(isinstance(searching.WORD, re.Pattern), isinstance(searching.now(), re.Pattern))\n"
        "print(searching.WORD.match('ONE two')[0], searching.WORD.sub('', 'a1'))"
    )
    assert run(code).splitlines() == ["False True", "ONE 1"]


def test_other_threads_compile_as_always() -> None:
    code = (
        "import re\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "from handler.later import patterns_later\n"
        "with ThreadPoolExecutor(1) as pool, patterns_later():\n"
        "    found = pool.submit(re.compile, 'x').result()\n"
        "print(isinstance(found, re.Pattern))"
    )
    assert run(code) == "True"


def test_a_pattern_that_is_wrong_is_an_error_when_it_is_used() -> None:
    code = (
        "import re\nfrom handler.later import patterns_later\n"
        "with patterns_later():\n    pattern = re.compile('(')\n"
        "try: pattern.match('')\nexcept re.error as error: print(error)"
    )
    assert "missing ), unterminated subpattern" in run(code)


def test_the_drivers_patterns_are_what_they_were() -> None:
    """Statements for many rows, times, and files of options, in the words of the library."""
    show = (
        "from pymysql import converters as c, cursors\nfrom pymysql.optionfile import Parser\n"
        "from aiomysql import cursors as a\nparser = Parser()\nparser.read_string('[a]\\nb = 1')\n"
        "found = 'insert into t values (%s) on duplicate'\n"
        "print(cursors.RE_INSERT_VALUES.match(found).groups(), a.RE_INSERT_VALUES.match(found)[2],"
        " c.convert_datetime('2020-01-02 03:04:05'), c.convert_time('x'), parser.get('a', 'b'))"
    )
    assert run(f"import handler.stores.mysql\n{show}") == run(show)


def test_a_class_that_is_called_later_is_the_modules_own() -> None:
    code = (
        "from handler.later import called_later\n"
        "with called_later('fractions', 'Fraction'):\n    from fractions import Fraction\n"
        "print('fractions' in sys.modules, Fraction(numerator=1, denominator=2), end=' ')\n"
        "import fractions\nprint(type(Fraction(3)) is fractions.Fraction)"
    )
    assert run(code) == "False 1/2 True"


def test_a_class_of_a_module_that_is_there_is_taken_as_it_is() -> None:
    code = (
        "import fractions\nfrom handler.later import called_later\n"
        "with called_later('fractions', 'Fraction'):\n    from fractions import Fraction\n"
        "print(Fraction is fractions.Fraction, sys.modules['fractions'] is fractions)"
    )
    assert run(code) == "True True"


def test_the_driver_reads_files_of_options_as_always(tmp_path: Path) -> None:
    """Which no connection of this package does; a resolver's own may."""
    file = tmp_path / "my.cnf"
    file.write_text("[client]\nuser = 'ann'\nport = 3307\n")
    show = (
        "from pymysql.connections import Connection\n"
        f"found = Connection(read_default_file={str(file)!r}, defer_connect=True)\n"
        "print(found.user, found.port)"
    )
    start = "import handler.stores.mysql\nprint(is_later('configparser'), end=' ')\n"
    assert run(f"{start}{show}") == "True ann 3307"
    assert run(show) == "ann 3307"
