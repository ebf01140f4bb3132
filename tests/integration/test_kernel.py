"""The magics and the objects in a real kernel, against a real runner."""

import re

import pytest
from jupyter_client.manager import start_new_kernel

from .conftest import stop

TOOL = """%%workflow deploy
cwlVersion: v1.2
class: CommandLineTool
id: show
label: Show
doc: Shows what it is given
baseCommand: [sh, -c, 'echo "$@"; sleep $0']
arguments: ["0"]
inputs:
  text: {type: string, doc: What is shown, inputBinding: {position: 1}}
  index: {type: {type: enum, symbols: [NDVI, EVI]}, default: NDVI, inputBinding: {position: 2}}
  seconds: {type: int?, doc: How long it takes}
stdout: out.txt
outputs: {out: stdout}
"""
SLOW = """%%workflow deploy
cwlVersion: v1.2
class: CommandLineTool
id: slow
baseCommand: [sleep, "60"]
inputs: {}
outputs: {}
"""


#: Runs before anything else of ours is imported.
LOAD = """
import time, sys
began = time.process_time()
%load_ext eodh_jupyter
took = time.process_time() - began
heavy = [name for name in ("httpx", "ipywidgets", "pydantic", "yaml") if name in sys.modules]
"""


class Kernel:
    """A kernel and what its cells give."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def run(self, code):
        """Run a cell; give its reply and its outputs."""
        return self.outcome(self.client.execute(code))

    def outcome(self, message_id):
        outputs = []
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if message["content"].get("execution_state") == "idle":
                break
            outputs.append((message["msg_type"], message["content"]))
        return self.reply(message_id), outputs

    def reply(self, message_id):
        while True:
            message = self.client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == message_id:
                return message["content"]

    def ok(self, code):
        reply, outputs = self.run(code)
        assert reply["status"] == "ok", reply.get("evalue")
        return outputs

    def printed(self, code):
        return "".join(c["text"] for kind, c in self.ok(code) if kind == "stream").strip()

    def complete(self, code):
        """Give what the line becomes with each completion that is offered."""
        found = self.reply(self.client.complete(code, len(code)))
        return [code[: found["cursor_start"]] + match for match in found["matches"]]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernel")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EODH_DATA", str(folder / "data"))
        patch.setenv("EODH_CONTAINERS", "host")
        patch.setenv("EODH_IDLE_TIMEOUT_S", "60")
        patch.delenv("EODH_RUNNER_URL", raising=False)
        manager, client = start_new_kernel(cwd=str(folder))
        kernel = Kernel(manager, client)
        kernel.ok(LOAD)
        kernel.ok(TOOL)
        kernel.ok("from eodh_jupyter import Client")
        yield kernel
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        stop(folder / "data")


def text(outputs):
    return "\n".join(str(content) for _, content in outputs)


def test_completion_gives_verbs_processes_inputs_values_and_jobs(kernel):
    kernel.ok("%workflow launch show text=a -o results")
    job_id = kernel.printed("print(Client().jobs(1)[0].id[:8])")

    assert "%workflow launch" in kernel.complete("%workflow la")
    assert "%workflow launch show" in kernel.complete("%workflow launch sh")
    assert "%workflow launch show text=" in kernel.complete("%workflow launch show te")
    assert "%workflow launch show -i text=" in kernel.complete("%workflow launch show -i te")
    assert "%workflow launch show index=EVI" in kernel.complete("%workflow launch show index=E")
    assert f"%workflow logs {job_id}" in kernel.complete(f"%workflow logs {job_id[:3]}")
    assert f"%workflow open {job_id} out" in kernel.complete(f"%workflow open {job_id} ")
    assert f"%workflow rerun {job_id} text=" in kernel.complete(f"%workflow rerun {job_id} te")
    assert "%%workflow launch" in kernel.complete("%%workflow la")


def test_help_of_execute_shows_the_inputs_and_its_keywords_complete(kernel):
    kernel.ok("process = Client().process('show')")

    reply, _ = kernel.run("process.execute?")
    shown = re.sub(r"\x1b\[[\d;]*m", "", reply["payload"][0]["data"]["text/plain"])

    for part in (
        "    text: str,",
        "index: Literal['NDVI', 'EVI'] = 'NDVI',",
        "seconds: int | None",
    ):
        assert part in shown
    assert "What is shown" in shown
    _, outputs = kernel.run("process.execute(txt='a')")
    assert "show has no input 'txt'; did you mean 'text'?" in text(outputs)


def test_interrupted_launch_leaves_the_job_running_and_says_how_to_come_back(kernel):
    kernel.ok(SLOW)
    message_id = kernel.client.execute("%workflow launch slow")
    wait_for_display(kernel, message_id)

    kernel.manager.interrupt_kernel()
    reply, outputs = kernel.outcome(message_id)

    assert reply["status"] == "error"
    assert "it goes on. To come back" in text(outputs)
    kernel.ok("job = Client().jobs(1)[0]")
    assert kernel.printed("print(job.process_id, job.is_terminal)") == "slow False"
    kernel.ok("job.dismiss()")


def wait_for_display(kernel, message_id):
    while True:
        message = kernel.client.get_iopub_msg(timeout=60)
        is_ours = message["parent_header"].get("msg_id") == message_id
        if is_ours and message["msg_type"] == "display_data":
            return


def test_job_that_is_not_waited_for_is_shown_to_its_end_in_its_own_cell(kernel):
    message_id = kernel.client.execute("%workflow launch show text=a --no-wait -o job")
    _, outputs = kernel.outcome(message_id)
    display_id = next(c["transient"]["display_id"] for kind, c in outputs if kind == "display_data")
    kernel.client.execute("1 + 1")

    parents, text_shown = [], ""
    while "successful" not in text_shown:
        message = kernel.client.get_iopub_msg(timeout=60)
        if message["msg_type"] != "update_display_data":
            continue
        assert message["content"]["transient"]["display_id"] == display_id
        parents.append(message["parent_header"]["msg_id"])
        text_shown = message["content"]["data"]["text/plain"]

    assert set(parents) == {message_id}


def test_semicolon_shows_nothing_and_wrong_use_is_short_with_details_on_demand(kernel):
    shown = kernel.ok("%workflow launch show text=a;")
    assert [kind for kind, _ in shown if kind in ("display_data", "execute_result")] == []
    reply, outputs = kernel.run("%workflow launch show text=a index=SAVI -o r")
    assert reply["status"] == "error"
    assert reply["evalue"].startswith("input 'index': 'SAVI' is not one of NDVI, EVI")
    assert "Traceback" not in text(outputs)
    assert "Traceback" in text(kernel.ok("%workflow details"))


def test_launch_without_what_it_needs_shows_a_form(kernel):
    result = next(c for kind, c in kernel.ok("%workflow launch show") if kind == "execute_result")

    assert "application/vnd.jupyter.widget-view+json" in result["data"]
    assert result["data"]["text/plain"] == "LaunchForm('show', 3 inputs)"
    kernel.ok("form = _")
    kernel.ok("form.rows['text'].control.value = 'hello'")
    kernel.ok("form.launch()")
    assert "hello NDVI" in kernel.printed("print(form.job.wait(60).results.out.text())")


def test_loading_takes_little_time_and_imports_nothing_heavy(kernel):
    took, heavy = kernel.printed("print(took, heavy)").split(maxsplit=1)

    assert float(took) <= 0.15
    assert heavy == "[]"


def test_objects_of_the_kernel_reach_the_tool(kernel):
    kernel.ok(
        "%%workflow deploy\ncwlVersion: v1.2\nclass: CommandLineTool\nid: count\n"
        "baseCommand: [wc, -l]\ninputs: {table: {type: File, inputBinding: {}}}\n"
        "stdout: out.txt\noutputs: {out: stdout}\n"
    )
    kernel.ok("import pandas as pd\nframe = pd.DataFrame({'a': range(41)})")

    kernel.ok("%workflow launch count table=$frame -o r")

    assert kernel.printed("print(r.out.text())").startswith("42 ")
