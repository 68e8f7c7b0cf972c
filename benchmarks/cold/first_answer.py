"""``first_answer.py [--restored] FOLDER MODULE [EVENT]``: the price of a process's first answer.

Runs with the interpreter and the packages of the archive alone. Writes one line of JSON to standard
error: seconds of CPU and of wall time of the start (imports and what they begin) and of the answer,
and the resident memory afterwards; without what the interpreter itself has taken. Without an event
it ends after the start, where SnapStart takes its snapshot. ``--restored``: the start holds what
is done before a snapshot as well, and the answer is that of an environment that came of it.

What Lambda's runtime (``awslambdaric``) has imported when it looks for a function is there already.
"""

import decimal  # noqa: F401
import json
import logging  # noqa: F401
import os
import sys
import time
import traceback  # noqa: F401
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

hooks: list[Callable[[], object]] = []
arguments = sys.argv[1:]
is_restored = arguments[0] == "--restored"
if is_restored:
    del arguments[0]
    runtime = ModuleType("snapshot_restore_py")  # of Lambda's runtime
    vars(runtime)["register_before_snapshot"] = hooks.append
    vars(runtime)["register_after_restore"] = id  # nothing: there is one environment alone
    sys.modules["snapshot_restore_py"] = runtime
folder, module, *files = arguments
event = None
for file in files:
    with open(file, encoding="utf-8") as opened:
        event = json.load(opened)
sys.path.insert(0, folder)


class Context:
    """What the runtime tells of an invocation."""

    aws_request_id = "first"

    def get_remaining_time_in_millis(self) -> int:
        """Enough."""
        return 20_000


times = [(time.process_time(), time.perf_counter())]
function = import_module(module).graphql
for hook in reversed(hooks):
    hook()
times.append((time.process_time(), time.perf_counter()))
if event is None:
    os._exit(0)
answer = function(event, Context())
times.append((time.process_time(), time.perf_counter()))
with open("/proc/self/status", encoding="ascii") as status:
    kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
(cpu0, wall0), (cpu1, wall1), (cpu2, wall2) = times
report = {
    "start_cpu": cpu1 - cpu0,
    "start_wall": wall1 - wall0,
    "answer_cpu": cpu2 - cpu1,
    "answer_wall": wall2 - wall1,
    "cpu": cpu2 - cpu0,
    "wall": wall2 - wall0,
    "rss_mb": kib * 1024 / 1e6,
    "status": answer["statusCode"],
    "body": answer["body"],
}
sys.stdout.flush()
sys.stderr.write("\n" + json.dumps(report) + "\n")
sys.stderr.flush()
os._exit(0)
