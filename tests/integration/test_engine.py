"""The engine in its jail: documents read, and steps asked for."""

import asyncio
import json
import os
import signal

import pytest
from eodh_runner.domain.failure import Failure, FailureClass, StepFailed
from eodh_runner.domain.step import StepDone
from eodh_runner.errors import BadDocument, NotFound
from eodh_runner.executor.local.executor import find_bwrap
from eodh_runner.worker.engine import EngineDied, EngineHost

from .engines import (
    CHAIN,
    ECHO,
    EXPRESSION,
    FakePort,
    children_of,
    failure_of,
    refuse,
    run,
    scatter,
    until,
)


@pytest.fixture
async def host():
    engine_host = EngineHost("test", expression_limit_s=1.0)
    yield engine_host
    await engine_host.stop()


async def test_host_when_started_is_warm_and_jailed(host):
    await host.start()

    assert host.is_warm
    assert host.isolation["landlock"] > 0
    assert host.isolation["seccomp"] is True
    assert host.isolation["namespaces"] is (find_bwrap() is not None)


async def test_inspect_of_every_real_package_describes_it(host, shared):
    folder = shared / "fixtures/application-packages"
    packages = [p for p in sorted(folder.rglob("*.cwl")) if "cwlVersion" in p.read_text()]

    for package in packages:
        found = await host.inspect(package.read_bytes(), "package", refuse)

        assert found.process_id in package.read_text()
        assert found.inputs or "resize-sentinel2ard" in package.name
        json.dumps(vars(found))
    assert len(packages) == 21


async def test_inspect_of_water_bodies_gives_version_and_graph(host, shared):
    package = shared / "fixtures/application-packages/eodh/water-bodies.cwl"

    found = await host.inspect(package.read_bytes(), "package", refuse)

    assert (found.process_id, found.version) == ("water-bodies", "1.4.1")
    assert any(node["is_scatter"] for node in found.graph["nodes"])
    assert found.graph["edges"]


async def test_inspect_of_another_workflow_is_not_found(host):
    with pytest.raises(NotFound):
        await host.inspect(scatter().encode(), "package", refuse, workflow="nope")


async def test_inspect_of_file_not_sent_says_so_with_its_line(host):
    text = scatter().replace(ECHO.replace("GLOB", "out.txt"), "tools/say.cwl")

    with pytest.raises(BadDocument, match=r"file 'tools/say\.cwl', which was not sent") as refused:
        await host.inspect(text.encode(), "package", refuse)

    assert refused.value.diagnostics[0].line == 12


async def test_run_of_fetched_tool_needs_no_fetch(host):
    text = scatter().replace(ECHO.replace("GLOB", "out.txt"), "https://example.org/say.cwl")
    fetched = []

    async def fetch(url):
        fetched.append(url)
        return ("{cwlVersion: v1.2, " + ECHO.replace("GLOB", "out.txt")[1:]).encode()

    inspection = await host.inspect(text.encode(), "package", fetch)
    outputs = await host.run(inspection.document, "w", {"words": ["x"]}, FakePort())

    assert fetched == ["https://example.org/say.cwl"]
    assert len(outputs["files"]) == 1


async def test_run_of_scatter_asks_for_each_item_and_gives_files_in_order(host):
    port = FakePort()

    outputs = await run(host, scatter(), {"words": ["x", "y z", ""]}, port)

    assert [step_run.path for step_run in port.step_runs] == [("say", str(i)) for i in range(3)]
    assert [step_run.argv for step_run in port.step_runs] == [
        ("echo", "x"), ("echo", "y z"), ("echo", ""),
    ]  # fmt: skip
    assert [file["location"] for file in outputs["files"]] == [
        f"eodh-store:///ws/say/{i}/out.txt" for i in range(3)
    ]
    assert outputs["files"][0] | {"nameroot": "", "nameext": ""} == {
        "class": "File", "location": "eodh-store:///ws/say/0/out.txt", "basename": "out.txt",
        "size": 3, "checksum": "sha1$" + "a" * 40, "nameroot": "", "nameext": "",
    }  # fmt: skip


async def test_run_of_empty_scatter_gives_an_empty_list(host):
    assert await run(host, scatter(), {"words": []}) == {"files": []}


async def test_run_asks_for_items_at_once_before_any_ends(host):
    port = FakePort()
    gate = asyncio.Event()

    async def wait(step_run):
        await gate.wait()
        return await port.succeed(step_run)

    port._answer = wait
    task = asyncio.create_task(run(host, scatter(), {"words": ["x"] * 20}, port))
    await until(lambda: len(port.step_runs) == 20)
    gate.set()

    assert len((await task)["files"]) == 20


@pytest.mark.parametrize("reverse", [False, True])
async def test_keys_do_not_depend_on_the_order_of_ends(host, reverse):
    words = ["a", "b", "c", "d"]
    first = FakePort()
    await run(host, CHAIN, {"words": words}, first)
    second = FakePort()
    delays = dict(zip(words, range(4), strict=True))

    async def answer(step_run):
        if step_run.argv[0] == "echo":
            delay = delays[step_run.argv[1]]
            await asyncio.sleep(0.02 * (3 - delay if reverse else delay))
        return await second.succeed(step_run)

    second._answer = answer
    await run(host, CHAIN, {"words": words}, second)

    def keys(port):
        return {step_run.path: step_run.key for step_run in port.step_runs}

    assert len(first.step_runs) == 8
    assert keys(second) == keys(first)


async def test_run_when_the_command_ends_badly_names_step_and_code(host):
    async def answer(step_run):
        return StepDone(step_run.id, 3, base="eodh-store:///ws/o")

    failure = await failure_of(host, scatter(), {"words": ["x"]}, FakePort(answer))

    assert (failure.kind, failure.step, failure.exit_code) == (FailureClass.COMMAND, "say/0", 3)


@pytest.mark.parametrize("raises", [False, True])
async def test_run_when_a_step_fails_gives_its_failure(host, raises):
    failure = Failure(FailureClass.MEMORY, "out of memory", "Ask for more.")

    async def answer(step_run):
        if raises:
            raise StepFailed(failure)
        return StepDone(step_run.id, None, failure=failure.to_json())

    found = await failure_of(host, scatter(), {"words": ["x"]}, FakePort(answer))

    assert (found.kind, found.message, found.step) == (
        FailureClass.MEMORY, "out of memory", "say/0",
    )  # fmt: skip


async def test_run_when_nothing_matches_names_output_and_glob(host):
    failure = await failure_of(host, scatter(glob="nope.tif"), {"words": ["x"]})

    assert (failure.kind, failure.step) == (FailureClass.DOCUMENT, "say/0")
    assert "'o'" in failure.message
    assert "nope.tif" in failure.message


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("$(self.foo.bar)", "cannot read property 'bar' of undefined"),
        ("'${ throw new Error(\"boom\"); }'", "Error: boom"),
    ],
)
async def test_run_when_an_expression_fails_names_step_and_reason(host, value, reason):
    failure = await failure_of(host, scatter(value=value), {"words": ["x"]})

    assert (failure.kind, failure.step) == (FailureClass.DOCUMENT, "say")
    assert failure.message.startswith("say: the expression ")
    assert failure.message.endswith(reason)


async def test_run_of_wrong_input_is_an_input_failure(host):
    failure = await failure_of(host, scatter(), {})

    assert failure.kind is FailureClass.INPUT
    assert "'words'" in failure.message


async def test_run_of_expression_that_nothing_interrupts_is_ended(host):
    text = EXPRESSION % json.dumps("${return {o: new Array(2e9).join('x').length};}")

    failure = await failure_of(host, text, {})

    assert failure.kind is FailureClass.DOCUMENT
    assert "longer than 1 s" in failure.message


async def test_run_when_the_port_breaks_raises_its_error(host):
    async def answer(step_run):
        raise ValueError("a bug of the worker")

    with pytest.raises(ValueError, match="a bug of the worker"):
        await run(host, scatter(), {"words": ["x", "y"]}, FakePort(answer))


async def test_run_when_its_child_is_killed_says_so_and_the_next_run_works(host):
    async def answer(step_run):
        for pid in children_of(host):
            os.kill(pid, signal.SIGKILL)
        await asyncio.Event().wait()

    with pytest.raises(EngineDied):
        await run(host, scatter(), {"words": ["x"]}, FakePort(answer))

    assert len((await run(host, scatter(), {"words": ["x"]}))["files"]) == 1


async def test_run_when_cancelled_kills_its_child(host):
    started = asyncio.Event()

    async def answer(step_run):
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(run(host, scatter(), {"words": ["x"]}, FakePort(answer)))
    await started.wait()
    assert children_of(host)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not children_of(host))


async def test_host_when_its_forkserver_died_starts_another(host):
    await host.start()
    host._process.kill()
    await host._process.wait()

    assert await run(host, scatter(), {"words": []}) == {"files": []}


async def test_run_leaves_no_descriptor_open(host):
    await run(host, scatter(), {"words": ["x"]})
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(3):
        await run(host, scatter(), {"words": ["x"]})

    await until(lambda: len(os.listdir("/proc/self/fd")) <= before)
