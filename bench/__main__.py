"""`make bench`: the scoreboard; writes raw samples and medians to bench/results.json.

`python -m bench SUBJECT...` measures some subjects only.
"""

import importlib
import os
import sys

from .measure import CannotMeasure, Measure, write

#: Modules of this package, each with `measures()`.
SUBJECTS = (
    *("local_runner", "schedule", "job_list", "log", "preview", "imports"),
    *("objects", "pod_commands", "kubernetes"),
)


def main(subjects: list[str]) -> int:
    """Measure, write, print; gives 1 when a target is missed."""
    if unknown := set(subjects) - set(SUBJECTS):
        names = ", ".join(SUBJECTS)
        print(f"bench: no subject {', '.join(sorted(unknown))}; there are {names}", file=sys.stderr)
        return 2
    os.environ.pop("EODH_RUNNER_URL", None)
    rows: list[Measure] = []
    for name in subjects or SUBJECTS:
        try:
            for measure in importlib.import_module(f"{__package__}.{name}").measures():
                print(measure, flush=True)
                rows.append(measure)
                write([measure])
        except CannotMeasure as error:
            print(f"{name}: skipped, {error}", flush=True)
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
