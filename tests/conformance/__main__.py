"""`python -m tests.conformance`: a CWL suite on the local executor."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from .suite import Skipped, Suite, read_suite


async def run(
    shared: Path, version: str, required: bool, only: str | None, uses_images: bool = False
) -> int:
    """Run a suite; gives the number of failed tests."""
    cases = [c for c in read_suite(shared, version) if c.is_required or not required]
    cases = [c for c in cases if only is None or c.id == only]
    began, failed, skipped = time.monotonic(), [], []
    with tempfile.TemporaryDirectory(prefix="eodh-cwl-") as scratch:
        suite = Suite(Path(scratch), shared / "conformance", uses_images=uses_images)
        gate = asyncio.Semaphore(3)

        async def one(number, case):
            try:
                async with gate:
                    wrong = await suite.run(case, number)
            except Skipped as reason:
                skipped.append(case.id)
                print(f"SKIPPED {case.id}: {reason}")
                return
            if wrong:
                failed.append(case.id)
                print(f"FAILED {case.id}: {wrong}")

        await asyncio.gather(*(one(n, c) for n, c in enumerate(cases)))
        await suite.engine.stop()
    passed = len(cases) - len(failed) - len(skipped)
    print(f"CWL v{version} in {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return len(failed)


def main() -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", default="1.2", choices=("1.0", "1.1", "1.2"))
    parser.add_argument("--required", action="store_true", help="only the required tests")
    parser.add_argument("--only", help="id of one test")
    parser.add_argument("--images", action="store_true", help="run tools in images, by podman")
    a = parser.parse_args()
    shared = Path(os.environ.get("CWL_CONFORMANCE", os.environ.get("EODH_SHARED", "../shared")))
    return 1 if asyncio.run(run(shared, a.version, a.required, a.only, a.images)) else 0


if __name__ == "__main__":
    sys.exit(main())
