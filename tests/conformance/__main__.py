"""`python -m tests.conformance`: a CWL suite on the local executor."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from .suite import Suite, read_suite


async def run(shared: Path, version: str, required: bool, only: str | None) -> int:
    """Run a suite; gives the number of failed tests."""
    cases = [c for c in read_suite(shared, version) if c.is_required or not required]
    cases = [c for c in cases if only is None or c.id == only]
    began, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="eodh-cwl-") as scratch:
        suite = Suite(Path(scratch), shared / "conformance")
        gate = asyncio.Semaphore(3)

        async def one(number, case):
            async with gate:
                wrong = await suite.run(case, number)
            if wrong:
                failed.append(case.id)
                print(f"FAILED {case.id}: {wrong}")

        await asyncio.gather(*(one(n, c) for n, c in enumerate(cases)))
        await suite.engine.stop()
    print(f"CWL v{version} in {time.monotonic() - began:.0f} s")
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed, 0 skipped")
    return len(failed)


def main() -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", default="1.2", choices=("1.0", "1.1", "1.2"))
    parser.add_argument("--required", action="store_true", help="only the required tests")
    parser.add_argument("--only", help="id of one test")
    a = parser.parse_args()
    shared = Path(os.environ.get("CWL_CONFORMANCE", os.environ.get("EODH_SHARED", "../shared")))
    return 1 if asyncio.run(run(shared, a.version, a.required, a.only)) else 0


if __name__ == "__main__":
    sys.exit(main())
