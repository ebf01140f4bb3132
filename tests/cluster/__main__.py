"""`python -m tests.cluster prepare|up|down`."""

import sys

from .rig import CannotRun, Missing, down, prepare, up


def main() -> int:
    try:
        if sys.argv[1:] == ["prepare"]:
            prepare()
        elif sys.argv[1:] == ["up"]:
            for name, value in up().items():
                print(f"{name}: {value}")
        elif sys.argv[1:] == ["down"]:
            down()
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except (CannotRun, Missing) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    return 0


raise SystemExit(main())
