"""Documents for an engine, and a port that answers its step runs."""

import asyncio
from pathlib import Path

import pytest
from eodh_runner.domain.failure import StepFailed
from eodh_runner.domain.step import ManifestEntry, StepDone
from eodh_runner.errors import BadDocument

ECHO = (
    "{class: CommandLineTool, baseCommand: echo, stdout: out.txt,"
    " inputs: {m: {type: string, inputBinding: {}}},"
    " outputs: {o: {type: File, outputBinding: {glob: GLOB}}}}"
)


SCATTER = f"""cwlVersion: v1.2
class: Workflow
id: w
requirements:
  ScatterFeatureRequirement: {{}}
  StepInputExpressionRequirement: {{}}
  InlineJavascriptRequirement: {{}}
inputs: {{words: 'string[]'}}
outputs: {{files: {{type: 'File[]', outputSource: say/o}}}}
steps:
  say:
    run: {ECHO}
    scatter: m
    in: {{m: {{source: words, valueFrom: VALUE}}}}
    out: [o]
"""


EXPRESSION = """cwlVersion: v1.2
class: ExpressionTool
id: e
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: Any}
expression: %s
"""


#: Each item makes a literal without a name, reads it and says what it read.
CHAIN = """cwlVersion: v1.2
$graph:
- class: Workflow
  id: main
  requirements: {ScatterFeatureRequirement: {}, SubworkflowFeatureRequirement: {}}
  inputs: {words: 'string[]'}
  outputs: {files: {type: 'File[]', outputSource: each/o}}
  steps:
    each:
      run: '#one'
      scatter: m
      in: {m: words}
      out: [o]
- class: Workflow
  id: one
  inputs: {m: string}
  outputs: {o: {type: File, outputSource: read/o}}
  steps:
    say: {run: '#say', in: {m: m}, out: [o]}
    make: {run: '#make', in: {f: say/o, m: m}, out: [o]}
    read: {run: '#read', in: {f: make/o}, out: [o]}
- class: CommandLineTool
  id: say
  baseCommand: echo
  inputs: {m: {type: string, inputBinding: {}}}
  outputs: {o: {type: stdout}}
  stdout: out.txt
- class: ExpressionTool
  id: make
  requirements: {InlineJavascriptRequirement: {}}
  inputs: {f: File, m: string}
  outputs: {o: File}
  expression: '${return {o: {"class": "File", "contents": inputs.m + Math.random()}};}'
- class: CommandLineTool
  id: read
  baseCommand: cat
  inputs: {f: {type: File, inputBinding: {}}}
  outputs: {o: {type: stdout}}
  stdout: out.txt
"""


def scatter(glob="out.txt", value="$(self)"):
    return SCATTER.replace("GLOB", glob).replace("VALUE", value)


async def refuse(url):
    raise BadDocument(f"{url} may not be read")


class FakePort:
    """Answers each step run by a function; has one file."""

    def __init__(self, answer=None):
        self.step_runs = []
        self._answer = answer or self.succeed

    async def run_step(self, step_run):
        self.step_runs.append(step_run)
        return await self._answer(step_run)

    async def succeed(self, step_run):
        entry = ManifestEntry("out.txt", "file", 3, "sha1$" + "a" * 40)
        base = f"eodh-store:///ws/{step_run.name}"
        return StepDone(step_run.id, 0, base=base, manifest=(entry,))

    async def stat(self, location):
        if location != "eodh-file:///data/a.txt":
            return None
        return {"kind": "file", "size_bytes": 5, "checksum": "sha1$1", "location": location}

    async def list(self, location):
        return []

    async def read(self, location, offset, limit):
        return b"hello"[offset : offset + limit]


async def run(host, text, order, port=None):
    inspection = await host.inspect(text.encode(), "package", refuse)
    async with asyncio.timeout(60):
        return await host.run(inspection.document, inspection.process_id, order, port or FakePort())


async def failure_of(host, text, order, port=None):
    with pytest.raises(StepFailed) as failed:
        await run(host, text, order, port)
    return failed.value.failure


def children_of(host):
    """Give the children of the forkserver, which in namespaces is a child of bubblewrap."""

    def children(pid):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    pid = host._process.pid
    if Path(f"/proc/{pid}/comm").read_text() == "bwrap\n":
        (pid,) = children(pid)
    return set(children(pid))


async def until(claim):
    async with asyncio.timeout(10):
        while not claim():
            await asyncio.sleep(0.01)
