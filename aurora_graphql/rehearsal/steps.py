"""The steps, each of which says what it saw of the claims."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aurora_graphql.rehearsal.shell import CommandError, World

LEFT_BEHIND: Final = "-log-role"
"""End of the name of the role by which API Gateway writes logs; it stays on purpose."""

COPY: Final = "-rehearsal"
"""What the restored cluster's name has behind that of the first."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one step saw of a claim. ``problem``: empty where it was as claimed."""

    step: str
    claim: str
    problem: str


Step = Callable[[], Iterator[Seen]]


class Rehearsal:
    """One stack's life. ``sdl``: the project's folder, changed and set right again.

    ``package``: the command that builds the archive.
    """

    def __init__(self, world: World, *, stack: str, sdl: Path, package: tuple[str, ...]) -> None:
        self._world = world
        self._stack = stack
        self._sdl = sdl
        self._package = package

    def steps(self) -> dict[str, Step]:
        """All, in their order."""
        return {
            "first deploy": self.first_deploy,
            "code change": self.code_change,
            "SDL change": self.sdl_change,
            # Before the switch: no version goes back over another way to the database.
            "going back": self.going_back,
            "proxy switch": self.proxy_switch,
            "restore": self.restore,
            "destroy": self.destroy,
        }

    def first_deploy(self) -> Iterator[Seen]:
        """Make the stack, ask it, and see that nothing is left to do."""
        step = "first deploy"
        yield from self._tried(step, "first-deploy", self._up)
        problem = self._world.ask(self._output("url"))
        yield Seen(step=step, claim="answers", problem=problem)
        yield from self._tried(
            step,
            "no-drift",
            lambda: self._pulumi("preview", "--refresh", "--expect-no-changes"),
        )

    def code_change(self) -> Iterator[Seen]:
        """Publish once more, as new code would be."""
        former = self._served()
        generation = int(self._config("functionGeneration") or "0")
        self._pulumi("config", "set", "functionGeneration", str(generation + 1))
        yield from self._changed("code change")
        problem = "" if self._served() != former else f"version {former} still serves"
        yield Seen(step="code change", claim="alias-moves", problem=problem)

    def sdl_change(self) -> Iterator[Seen]:
        """Add a comment to the first file of types, deploy, and take it away again."""
        operations = self._sdl / "operations"
        files = [path for path in self._sdl.rglob("*.graphql") if operations not in path.parents]
        if not files:
            raise CommandError(f"{self._sdl} holds no types in files *.graphql")
        path = min(files)
        text = path.read_text(encoding="utf-8")
        try:
            self._world.write(path, f"{text}\n# rehearsed\n")
            self._world.run(*self._package)
            yield from self._changed("SDL change")
        finally:
            self._world.write(path, text)
            self._world.run(*self._package)

    def proxy_switch(self) -> Iterator[Seen]:
        """Put a proxy before the database, or take it away, and back."""
        step = "proxy switch"
        former = self._config("proxyEnabled") or "true"
        other = "false" if former == "true" else "true"
        capacity = self._config("databaseMinCapacityAcu")
        for value in (other, former):
            self._pulumi("config", "set", "proxyEnabled", value)
            if capacity == "0":  # a database that pauses and a proxy exclude each other
                least = "0.5" if value == "true" else "0"
                self._pulumi("config", "set", "databaseMinCapacityAcu", least)
            host = self._output("databaseHost")
            yield from self._changed(step)
            same = self._output("databaseHost") == host
            problem = f"the API still connects to {host}" if same else ""
            yield Seen(step=step, claim="proxy-beside", problem=problem)

    def going_back(self) -> Iterator[Seen]:
        """Send the traffic to the version before this one, ask, and come back."""
        step, now = "going back", self._served()
        words = self._output("goBack").split()
        former = self._version_before(words, now)
        if not former:
            yield Seen(step=step, claim="go-back", problem="there is no former version")
            return
        yield from self._tried(step, "go-back", lambda: self._world.run(*words, former))
        yield Seen(step=step, claim="go-back", problem=self._world.ask(self._output("url")))
        self._world.run(*words, now)

    def restore(self) -> Iterator[Seen]:
        """Restore a second cluster from the latest backup, and delete it."""
        name, region = self._cluster(), ("--region", self._function()[1])
        copy = name + COPY

        def restore() -> None:
            self._world.run(
                *("aws", "rds", "restore-db-cluster-to-point-in-time", *region),
                *("--source-db-cluster-identifier", name, "--db-cluster-identifier", copy),
                "--use-latest-restorable-time",
            )
            self._world.run(
                *("aws", "rds", "wait", "db-cluster-available", *region),
                *("--db-cluster-identifier", copy),
            )

        yield from self._tried("restore", "restore", restore)
        self._world.run(
            *("aws", "rds", "delete-db-cluster", *region, "--db-cluster-identifier", copy),
            "--skip-final-snapshot",
        )

    def destroy(self) -> Iterator[Seen]:
        """Destroy the stack, and look for what carries its tag."""
        step, region = "destroy", self._function()[1]  # told by an output, gone afterwards
        yield from self._tried(step, "destroy", lambda: self._pulumi("destroy", "--yes"))
        found = json.loads(
            self._world.run(
                *("aws", "resourcegroupstaggingapi", "get-resources", "--region", region),
                *("--tag-filters", f"Key=stack,Values={self._stack}", "--output", "json"),
            )
        )
        left = [
            entry["ResourceARN"]
            for entry in found["ResourceTagMappingList"]
            if LEFT_BEHIND not in entry["ResourceARN"] and ":kms:" not in entry["ResourceARN"]
        ]
        problem = f"left: {', '.join(left)}" if left else ""
        yield Seen(step=step, claim="destroy", problem=problem)

    def _changed(self, step: str) -> Iterator[Seen]:
        """Update while the API is asked."""
        with self._world.watch(self._output("url")) as watch:
            problem = self._problem_of(self._up)
        yield Seen(step=step, claim="no-gap", problem=problem)
        if watch.failures:
            many = (
                f"{len(watch.failures)} of {len(watch.failures) + watch.answered} requests failed"
            )
            yield Seen(step=step, claim="no-gap", problem=f"{many}, first {watch.failures[0]}")

    def _tried(self, step: str, claim: str, action: Callable[[], object]) -> Iterator[Seen]:
        yield Seen(step=step, claim=claim, problem=self._problem_of(action))

    @staticmethod
    def _problem_of(action: Callable[[], object]) -> str:
        try:
            action()
        except CommandError as error:
            return str(error)
        return ""

    def _up(self) -> str:
        return self._pulumi("up", "--yes", "--skip-preview")

    def _pulumi(self, *words: str) -> str:
        return self._world.run("pulumi", *words, "--stack", self._stack)

    def _output(self, name: str) -> str:
        return self._pulumi("stack", "output", name)

    def _config(self, key: str) -> str:
        try:
            return self._pulumi("config", "get", key)
        except CommandError:  # not set
            return ""

    def _cluster(self) -> str:
        found = json.loads(self._pulumi("stack", "export"))
        return next(
            str(resource["outputs"]["clusterIdentifier"])
            for resource in found["deployment"]["resources"]
            if resource["type"] == "aws:rds/cluster:Cluster"
        )

    def _function(self) -> tuple[str, str]:
        words = self._output("goBack").split()
        return words[words.index("--function-name") + 1], words[words.index("--region") + 1]

    def _served(self) -> str:
        function, region = self._function()
        return self._world.run(
            *("aws", "lambda", "get-alias", "--region", region, "--function-name", function),
            *("--name", "live", "--query", "FunctionVersion", "--output", "text"),
        )

    def _version_before(self, words: list[str], now: str) -> str:
        """The newest published version below ``now``; empty without one."""
        function, region = self._function()
        listed = self._world.run(
            *("aws", "lambda", "list-versions-by-function", "--region", region),
            *("--function-name", function, "--query", "Versions[].Version", "--output", "text"),
        )
        numbers = [int(word) for word in listed.split() if word.isdecimal()]
        return str(max((each for each in numbers if each < int(now)), default=""))
