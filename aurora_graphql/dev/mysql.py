"""A private MySQL server: the one of this machine if it has one, else the unpacked one."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path

from aurora_graphql.dev.servers import EXTRA_PATH, DatabaseServer, own_user
from aurora_graphql.dev.unpacked import Unpacked, cache_folder

# Names of hosts are not looked up, so 127.0.0.1 needs an account of its own.
ACCOUNTS = """\
CREATE USER root@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
"""


class MySql(DatabaseServer):
    """A MySQL; where versions differ, it is set up like MySQL 8.0."""

    name = "mysql"
    title = "MySQL"

    def _prepare(self) -> None:
        super()._prepare()
        # Of a server that was killed: its process id may be another program's by now.
        self.socket_file.with_name(f"{self.socket_file.name}.lock").unlink(missing_ok=True)

    def _make_data(self, folder: Path) -> None:
        """Copy a data directory that is made once for each program: it takes seconds to make."""
        template = cache_folder() / f"mysql-{_fingerprint(find_mysql())}"
        template.parent.mkdir(parents=True, exist_ok=True)
        with template.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not template.exists():
                self._make_template(template)
        shutil.copytree(template, folder)
        (folder / "auto.cnf").unlink(missing_ok=True)  # the identity of one server

    def _make_template(self, template: Path) -> None:
        fresh = template.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        accounts = self.directory / "accounts.sql"
        accounts.write_text(ACCOUNTS)
        self._install(
            [
                *self._programs(),
                "--initialize-insecure",
                f"--datadir={fresh}",
                f"--init-file={accounts}",
                self._temporary(fresh),
                *own_user(),
                *self._own_options(),
            ],
            fresh,
        )
        fresh.rename(template)

    def _programs(self) -> list[str]:
        return list(find_mysql())

    def _own_options(self) -> list[str]:
        return [
            "--innodb-redo-log-capacity=32M",
            "--secure-file-priv=NULL",
            "--mysqlx=OFF",
            # 9.7's own way checks no foreign key if another column of its index is NULL.
            "--loose-innodb-native-foreign-keys=ON",
        ]


@cache
def find_mysql() -> tuple[str, ...]:
    """What starts MySQL and tells it where its files are; ``ServerError`` if there is none."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *EXTRA_PATH])
    own = shutil.which("mysqld", path=search)
    if own is not None and _is_mysql(own):
        return own, "--no-defaults"
    unpacked = Unpacked.find()
    return (
        *unpacked.command("sbin/mysqld"),
        "--no-defaults",
        f"--basedir={unpacked.file('')}",
        f"--lc-messages-dir={unpacked.file('share/mysql')}",
        f"--character-sets-dir={unpacked.file('share/mysql/charsets')}",
        f"--plugin-dir={unpacked.file('lib/mysql/plugin')}",
    )


def _is_mysql(program: str) -> bool:
    """MariaDB's packages have a ``mysqld``, too."""
    done = subprocess.run(
        [program, "--no-defaults", "--version"], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and "MariaDB" not in done.stdout


def _fingerprint(command: tuple[str, ...]) -> str:
    """Another one for every program: no version is given another's data."""
    file = next(Path(each) for each in command if each.endswith("mysqld"))
    seen = file.stat()
    return sha256(f"{file} {seen.st_size} {seen.st_mtime_ns}".encode()).hexdigest()[:16]
