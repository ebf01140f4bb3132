"""How ends are told apart."""

import json
from dataclasses import replace

import pytest
from eodh_runner.domain.step import Image, Usage
from eodh_runner.executor.local.end import read_end

from .test_argv import make_step_run

COMMAND = {
    "options": None, "inspect": None, "stderr": None, "ram_limit_mib": 100, "disk_limit_mib": 9,
}  # fmt: skip


@pytest.fixture
def control(tmp_path):
    (tmp_path / "peak").write_text('{"wall_s": 1, "cpu_s": 2, "peak_ram_mib": 150}')
    return tmp_path


def end(control, code, reason="", log=b"", step_run=None, **command):
    (control / "exit").write_text(json.dumps({"code": code, "reason": reason}))
    (control / "log").write_bytes(log)
    return read_end(step_run or make_step_run(), control, {**COMMAND, **command})


@pytest.mark.parametrize(
    ("code", "reason", "kind", "text"),
    [
        (-9, "memory", "memory", "100 MiB of memory (it held 150 MiB)"),
        (-9, "disk", "storage", "9 MiB"),
        (-9, "dismissed", "command", "dismissed"),
        (-25, "", "storage", "9 MiB"),
        (153, "", "storage", "9 MiB"),
        (-9, "", "command", "was killed (signal 9)"),
        (137, "", "command", "was killed (signal 9)"),
        (-11, "", "command", "was killed (signal 11)"),
    ],
)
def test_end_without_own_code_is_a_failure(control, code, reason, kind, text):
    found = end(control, code, reason)

    assert found.code is None
    assert found.failure.kind == kind
    assert text in found.failure.message
    assert found.usage == Usage(1, 2, 150)


def test_end_that_is_missing_is_infrastructure(control):
    found = read_end(make_step_run(), control, COMMAND)

    assert (found.code, found.failure.kind) == (None, "infrastructure")


@pytest.mark.parametrize("code", [0, 1, 3, 124, 128, 134, 255])
def test_end_with_own_code_is_no_failure(control, code):
    found = end(control, code)

    assert (found.code, found.failure) == (code, None)


def test_end_with_no_space_in_the_log_is_storage(control):
    found = end(control, 1, log=b"cp: error writing 'x': No space left on device\n")

    assert (found.code, found.failure.kind) == (1, "storage")


def test_end_with_code_of_success_is_no_failure(control):
    step_run = make_step_run(success_codes=(127,))

    assert end(control, 127, step_run=step_run).failure is None


@pytest.mark.parametrize(
    ("why", "code"), [(b"No such file or directory", 127), (b"Permission denied", 126)]
)
def test_end_of_sandbox_that_found_no_command_has_the_code_of_a_shell(control, why, code):
    found = end(control, 1, log=b"bwrap: execvp a: b: " + why + b"\n", options=["--x"])

    assert found.code == code
    assert "gdal_translate" in found.failure.message


def test_end_of_sandbox_that_was_not_made_is_infrastructure(control):
    found = end(control, 1, log=b"bwrap: Can't find source path /x: gone\n", options=["--x"])

    assert (found.code, found.failure.kind) == (None, "infrastructure")
    assert "Can't find source path /x" in found.failure.message


@pytest.mark.parametrize(
    ("code", "state", "kind"),
    [
        (137, {"OOMKilled": True}, "memory"),
        (137, {"OOMKilled": False}, "memory"),  # it held 150 of its 100 MiB
        (125, {}, "image"),
        (125, {"ExitCode": 127}, "image"),
    ],
)
def test_end_of_container_tells_memory_and_image(control, code, state, kind):
    (control / "container.json").write_text(json.dumps([{"State": state}]))
    step_run = replace(make_step_run(), image=Image(pull="gdal"))

    found = end(control, code, log=b"docker: no such image\n", step_run=step_run, inspect=["x"])

    assert (found.code, found.failure.kind) == (None, kind)


def test_end_of_container_whose_tool_exits_as_the_engine_would_is_the_tools(control):
    (control / "container.json").write_text(json.dumps([{"State": {"ExitCode": 125}}]))

    found = end(control, 125, step_run=make_step_run(image=Image(pull="gdal")), inspect=["x"])

    assert (found.code, found.failure) == (125, None)
