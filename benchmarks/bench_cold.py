"""The first answer of a fresh process, against a function written by hand.

The archive is built, unzipped and run by the Python that it is for, with everything on that
production has: TLS to MariaDB behind a stand-in for RDS Proxy, a token of IAM signed here, the
cache, log and metrics. Processes take turns; a ratio is made within a round. ``--instructions``
counts them by valgrind's callgrind instead, which no other process on the machine changes.
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
import json
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from aurora_graphql.archive.build import build
from aurora_graphql.archive.bytecode import find_python
from aurora_graphql.archive.options import PYTHON, Options
from aurora_graphql.archive.target import Target, this_architecture
from aurora_graphql.dev.servers import RedisServer
from aurora_graphql.project_file import Project
from benchmarks.measure import Spread
from benchmarks.northwind import northwind
from benchmarks.report import format_table, save, surroundings
from handler.access.principal import CallerKind, Principal
from handler.language.prepared import FILE
from handler.stores.aws.signature import AwsKeys
from tests.domains.orders import PROJECT
from tests.handler.http.events import post_event
from tests.integration.authority import Authority
from tests.integration.rds_proxy import RdsProxy

HERE = Path(__file__).parent / "cold"
PACKAGES: Final = ("aiomysql", "pymysql", "orjson", "redis", "hiredis")  # of the one by hand
KEYS: Final = AwsKeys("AKIDEXAMPLE", "secret", "token==")
YARDSTICK: Final = "hand-written"
RESTORED: Final = "known, restored"  # its ratio is that of the answers alone
GOALS: Final = {"known operation": 0.85, "unknown operation": 1.1}
OPERATION = PROJECT / "sdl" / "operations" / "order_page.graphql"
# What ``first_answer.py`` imports, as Lambda's runtime has; the last of it to be loaded.
BARE: Final = (
    "import decimal, json, logging, os, sys, time, traceback;"
    " from importlib import import_module; os._exit(0)"
)
LAST_OF_THE_RUNTIME: Final = "logging"
SHOWN_MS: Final = 2.0  # of import; packages that take less are shown together
TOGETHER: Final = "other packages"


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One kind of process. ``folder`` is what Lambda would unzip."""

    folder: Path
    module: str
    event: Path
    is_restored: bool = False  # from a snapshot, which is taken after the start

    @property
    def options(self) -> tuple[str, ...]:
        """For the program that runs it."""
        return ("--restored",) if self.is_restored else ()


@dataclass(frozen=True, kw_only=True)
class Stand:
    """The servers, and how a process is told of them."""

    python: Path
    environ: Mapping[str, str]
    redis: RedisServer

    async def run(self, contestant: Contestant, *options: str) -> tuple[dict[str, Any], str]:
        """A fresh process to its first answer: the report, and what else it wrote."""
        await self._forget()
        process = await asyncio.create_subprocess_exec(
            str(self.python),
            *("-I", "-B", *options, str(HERE / "first_answer.py"), *contestant.options),
            *(str(contestant.folder), contestant.module, str(contestant.event)),
            cwd=contestant.folder,
            env=dict(self.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        _, raw = await process.communicate()
        text = raw.decode()
        if process.returncode:
            raise SystemExit(f"{contestant.module} failed:\n{text}")
        *others, last = text.splitlines()
        report: dict[str, Any] = json.loads(last)
        if report["status"] != 200 or '"errors"' in report["body"]:
            raise SystemExit(f"{contestant.module} answered {report['body'][:500]}")
        return report, "\n".join(others)

    async def instructions(self, contestant: Contestant) -> tuple[int, int]:
        """What a fresh process takes for its start, more than the interpreter itself, and then for
        its first answer, which is what is left of them after SnapStart has restored the process.
        """
        await self._forget()
        program = [str(HERE / "first_answer.py"), *contestant.options]
        program += [str(contestant.folder), contestant.module]
        whole, text = await self._callgrind([*program, str(contestant.event)], contestant.folder)
        if '"status": 200' not in text:
            raise SystemExit(f"{contestant.module} failed:\n{text}")
        started, _ = await self._callgrind(program, contestant.folder)
        bare, _ = await self._callgrind(["-c", BARE], contestant.folder)
        return started - bare, whole - started

    async def _callgrind(self, program: Sequence[str], folder: Path) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"),
            *(str(self.python), "-I", "-B", *program),
            cwd=folder,
            env=dict(self.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        text = (await process.communicate())[1].decode()
        found = re.search(r"Collected : (\d+)", text)
        if found is None:
            raise SystemExit(f"valgrind counted nothing:\n{text}")
        return int(found[1]), text

    async def _forget(self) -> None:
        """No process finds an answer that another one has kept."""
        async with Redis.from_url(self.redis.url) as client:
            await client.flushall()


def prepare_contestants(
    folder: Path, python: Path, others: Mapping[str, Path]
) -> dict[str, Contestant]:
    """Unzip the archive, and lay out what the one by hand needs beside it.

    ``others``: archives by name, of other versions; they are asked for the known operation.
    """
    target = Target.choose(PYTHON, this_architecture())
    example = Options.choose(Project.of(PROJECT), {})
    built = build(replace(example, target=target, output=folder / "dist"))
    task, bare, by_hand = folder / "task", folder / "bare", folder / "by-hand"
    with zipfile.ZipFile(built.archive) as packed:
        packed.extractall(task)
    shutil.copytree(task, bare)
    (bare / "sdl" / FILE).unlink()
    by_hand.mkdir()
    for name in PACKAGES:
        shutil.copytree(task / name, by_hand / name)
    shutil.copy(HERE / "handwritten.py", by_hand)
    # The archive's bytecode is in a file that its handler alone reads; this one has it as usual.
    options = ["-q", "--invalidation-mode", "unchecked-hash", str(by_hand)]
    subprocess.run([python, "-I", "-m", compileall.__name__, *options], check=True)
    text = OPERATION.read_text()
    known = _event(folder / "known.json", text)
    unknown = _event(folder / "unknown.json", text.replace("OrderPage", "AnotherName"))
    for name, archive in others.items():
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder / "others" / name)
    return {
        YARDSTICK: Contestant(folder=by_hand, module="handwritten", event=known),
        "known operation": Contestant(folder=task, module="handler.entry", event=known),
        "unknown operation": Contestant(folder=task, module="handler.entry", event=unknown),
        RESTORED: Contestant(folder=task, module="handler.entry", event=known, is_restored=True),
        "nothing prepared": Contestant(folder=bare, module="handler.entry", event=known),
        **{
            name: Contestant(folder=folder / "others" / name, module="handler.entry", event=known)
            for name in others
        },
    }


def _event(file: Path, document: str) -> Path:
    """The event of a caller who may see all orders."""
    event = post_event({"query": document, "variables": {"first": 20}}, accept="application/json")
    scopes = frozenset({"orders:read", "orders:read:all"})
    caller = Principal(
        kind=CallerKind.TOKEN, subject="ann", issuer="https://id.example", scopes=scopes
    )
    authorizer = {**caller.context(), "principalId": caller.principal_id}
    event["requestContext"] = {**event["requestContext"], "authorizer": authorizer}
    file.write_text(json.dumps(event))
    return file


def comparable(report: Mapping[str, Any]) -> Any:
    """The answer without the cursor, whose form is each one's own."""
    answer = json.loads(report["body"])
    assert answer["data"]["orders"]["pageInfo"].pop("endCursor")
    return answer


async def measure(
    stand: Stand, contestants: Mapping[str, Contestant], rounds: int
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, dict[str, float]]]:
    """Reports by contestant, and milliseconds by contestant and group of modules."""
    expected, _ = await stand.run(contestants[YARDSTICK])
    for name, contestant in contestants.items():
        found, _ = await stand.run(contestant)  # also brings the files into memory
        if comparable(found) != comparable(expected):
            raise SystemExit(f"{name} does not give the answer of the one by hand")
    reports: dict[str, list[dict[str, Any]]] = {name: [] for name in contestants}
    imports: dict[str, list[Mapping[str, float]]] = {name: [] for name in contestants}
    order = list(contestants.items())
    for number in range(rounds):
        start = number % len(order)
        for name, contestant in order[start:] + order[:start]:
            reports[name].append((await stand.run(contestant))[0])
            timed = await stand.run(contestant, "-X", "importtime")
            imports[name].append(_by_package(timed[1]))
    packages = {package for found in imports.values() for each in found for package in each}
    medians = {
        name: {one: Spread.of([each.get(one, 0.0) for each in found]).median for one in packages}
        for name, found in imports.items()
    }
    return reports, medians


def _by_package(text: str) -> Mapping[str, float]:
    """Milliseconds of wall time by package, or by room of ours; without what they import."""
    found: dict[str, float] = defaultdict(float)
    is_measured = False
    for line in text.splitlines():
        matched = re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line)
        if matched is None:
            continue
        microseconds, module = matched.groups()
        if is_measured:
            rooms = 2 if module.startswith("handler.") else 1
            found[".".join(module.split(".")[:rooms])] += int(microseconds) / 1000
        is_measured = is_measured or module == LAST_OF_THE_RUNTIME
    return found


def import_table(imports: Mapping[str, Mapping[str, float]]) -> str:
    """Ours first, then those of others; each from the dearest to the cheapest."""
    names = list(imports)
    most = {package: max(imports[name][package] for name in names) for package in imports[names[0]]}
    dear = [package for package in most if most[package] >= SHOWN_MS]
    dear.sort(key=lambda package: (not package.startswith("handler"), -most[package]))
    rows = [[package, *(f"{imports[name][package]:.1f}" for name in names)] for package in dear]
    totals = {name: sum(imports[name].values()) for name in names}
    shown = {name: sum(imports[name][package] for package in dear) for name in names}
    rows.append([TOGETHER, *(f"{totals[name] - shown[name]:.1f}" for name in names)])
    rows.append(["all imports", *(f"{totals[name]:.1f}" for name in names)])
    return format_table(["imports, ms of wall time", *names], rows)


def tables(
    reports: Mapping[str, list[dict[str, Any]]], imports: Mapping[str, Mapping[str, float]]
) -> tuple[str, dict[str, Any]]:
    """For people, and as numbers."""
    by_hand = reports[YARDSTICK]
    rows, numbers = [], {}
    for name, found in reports.items():
        part = "answer_" if name == RESTORED else ""
        ratio = {
            key: Spread.of(
                [a[part + key] / b[part + key] for a, b in zip(found, by_hand, strict=True)]
            )
            for key in ("cpu", "wall")
        }
        spread = {
            key: Spread.of([each[key] * scale for each in found])
            for key, scale in (
                ("start_cpu", 1000.0),
                ("answer_cpu", 1000.0),
                ("cpu", 1000.0),
                ("wall", 1000.0),
                ("rss_mb", 1.0),
            )
        }
        goal = GOALS.get(name)
        cells = [f"{spread[key].median:.0f}" for key in ("start_cpu", "answer_cpu", "cpu", "wall")]
        rows.append(
            [
                name,
                *cells,
                f"{ratio['cpu'].median:.2f}",
                f"{ratio['cpu'].low:.2f} to {ratio['cpu'].high:.2f}",
                f"{goal}" if goal else "-",
                f"{ratio['wall'].median:.2f}",
                f"{spread['rss_mb'].median:.1f}",
            ]
        )
        numbers[name] = {
            "ratio_cpu": ratio["cpu"].digits(3),
            "ratio_wall": ratio["wall"].digits(3),
            **{key: each.digits(2) for key, each in spread.items()},
        }
    head = ["", "CPU ms, start", "answer", "both", "wall ms", "CPU ratio", "quartiles", "goal"]
    main = format_table([*head, "wall ratio", "MB"], rows)
    return f"{main}\n\n{import_table(imports)}", {
        "contestants": numbers,
        "imports_ms": {
            name: {package: round(ms, 2) for package, ms in sorted(found.items()) if ms >= 0.05}
            for name, found in imports.items()
        },
    }


async def count_instructions(stand: Stand, contestants: Mapping[str, Contestant]) -> str:
    """A table: millions of instructions, and how many times those of the one by hand."""
    found = {name: await stand.instructions(each) for name, each in contestants.items()}
    rows = []
    for name, (start, answer) in found.items():
        start_by_hand, answer_by_hand = found[YARDSTICK]
        ratio = (start + answer) / (start_by_hand + answer_by_hand)
        if name == RESTORED:
            ratio = answer / answer_by_hand
        rows.append(
            [
                name,
                *(f"{count / 1e6:,.0f}" for count in (start, answer, start + answer)),
                f"{ratio:.2f}",
                f"{GOALS.get(name, '-')}",
            ]
        )
    return format_table(
        ["millions of instructions", "start", "answer", "both", "ratio", "goal"], rows
    )


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Any, RedisServer]]:
    """A MariaDB with the orders, and a Redis."""
    with northwind() as (_, url), RedisServer(folder / "redis") as redis:
        yield url, redis


async def run(
    folder: Path, python: Path, url: Any, redis: RedisServer, options: argparse.Namespace
) -> Any:
    """Build, start the proxy, measure."""
    others = dict(options.beside)
    contestants = await asyncio.to_thread(prepare_contestants, folder, python, others)
    authority = Authority.create(folder / "authority")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.certify("localhost"))
    proxy = RdsProxy(url, tls, authority.file, keys={KEYS.access_key_id: KEYS})
    async with proxy.running():
        environ = {
            "DATABASE_HOST": proxy.host,
            "DATABASE_PORT": str(proxy.port),
            "DATABASE_NAME": url.database,
            "DATABASE_USER": proxy.user,
            "DATABASE_AUTH": "iam",
            "DATABASE_CA_FILE": str(authority.file),
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": KEYS.access_key_id,
            "AWS_SECRET_ACCESS_KEY": KEYS.secret_access_key,
            "AWS_SESSION_TOKEN": KEYS.session_token,
            "AWS_LAMBDA_FUNCTION_NAME": "api",
            "CACHE_URL": redis.url,
            "SDL_DIR": "sdl",
        }
        stand = Stand(python=python, environ=environ, redis=redis)
        if options.instructions:
            return await count_instructions(stand, contestants), {}
        return tables(*await measure(stand, contestants, options.rounds))


def _named_archive(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if not Path(file).is_file():
        raise argparse.ArgumentTypeError(f"write NAME=ZIP, with a file that is there: {text}")
    return name, Path(file)


def main() -> None:
    """Print, and save if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--instructions", action="store_true", help="count them by valgrind")
    parser.add_argument("--save", action="store_true")
    parser.add_argument(
        "--beside",
        type=_named_archive,
        action="append",
        default=[],
        metavar="NAME=ZIP",
        help="an archive of another version, to be compared",
    )
    options = parser.parse_args()
    if options.instructions and shutil.which("valgrind") is None:
        sys.exit("valgrind counts instructions, and there is none; install Debian's valgrind")
    python = find_python(Target.choose(PYTHON, this_architecture()))
    if python is None:
        sys.exit(f"there is no python{PYTHON} here, by which the archive would be run; install one")
    with tempfile.TemporaryDirectory(prefix="cold-") as name, servers(Path(name)) as (url, redis):
        about = surroundings(url, "processors not chosen") | {"rounds": options.rounds}
        version = subprocess.run([python, "-V"], check=True, capture_output=True, text=True).stdout
        about["python"] = version.split()[1]
        table, numbers = asyncio.run(run(Path(name), python, url, redis, options))
    print(table)
    if options.save and numbers:
        save("cold", {**about, **numbers}, table)


if __name__ == "__main__":
    main()
