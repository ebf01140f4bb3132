import json
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from eodh_jupyter import EodhError, InputError
from eodh_jupyter.completion import complete
from eodh_jupyter.display.live import show_live
from eodh_jupyter.parser import EXAMPLES
from eodh_jupyter.verbs import run

from .conftest import FAILED, JOB, folder_link

CELL = "cwlVersion: v1.2\nclass: Nothing\n"


@pytest.fixture
def shell(fake):
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "eodh_jupyter")
    return shell


def sent(fake):
    return json.loads(fake.bodies("POST", "processes/ndvi/execution")[-1])["inputs"]


def test_loading_imports_nothing_heavy_and_takes_no_time():
    script = (
        "import sys, time\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "began = time.process_time()\n"
        "shell.run_line_magic('load_ext', 'eodh_jupyter')\n"
        "took = time.process_time() - began\n"
        "assert took <= 0.15, took\n"
        "assert not {'httpx', 'pydantic', 'yaml'} & set(sys.modules)\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True, cwd=".", timeout=60)


def test_variables_reach_the_runner_with_their_types(shell, fake, capsys):
    scope = SimpleNamespace(inner=SimpleNamespace(n=0))
    shell.user_ns.update(flag=False, text="a $b {c} 'd", names=("x", "y"), o=scope)

    shell.run_cell(
        "%workflow launch ndvi -i flag=$flag -i label=$text -i names=$names"
        " -i threshold=$o.inner.n -o results"
    ).raise_error()

    assert sent(fake) == {
        "flag": False,
        "label": "a $b {c} 'd",
        "names": ["x", "y"],
        "threshold": 0,
    }
    assert shell.user_ns["results"].area.value == 0
    assert "[x] crop/0 done, 1.5 s" in capsys.readouterr().out


def test_plain_values_are_read_by_type_and_a_semicolon_is_left_out(shell, fake):
    done = shell.run_cell("%workflow launch ndvi -i 'label=a b;' -i threshold=0.5 --no-wait;")

    assert sent(fake) == {"label": "a b;", "threshold": 0.5}
    assert done.result is None


def test_launch_without_waiting_gives_the_job(shell, fake):
    shell.run_cell("%workflow launch ndvi --no-wait -o job").raise_error()

    assert shell.user_ns["job"].id == JOB


def test_inputs_need_no_option_and_json_stays_as_it_is_typed(shell, fake):
    shell.user_ns.update(rows=[{"k": "v"}], o=SimpleNamespace(at=["x"]))

    shell.run_cell(
        '%workflow launch ndvi names=["a b", "$x; {y}"] label=$rows[0][k] threshold=0.5 -o r'
    ).raise_error()
    assert sent(fake) == {"names": ["a b", "$x; {y}"], "label": "v", "threshold": 0.5}

    shell.run_cell("%workflow launch ndvi label=$$HOME names=$o.at -o r").raise_error()
    assert sent(fake) == {"label": "$HOME", "names": ["x"]}


def test_braces_and_dollars_of_a_cell_reach_the_runner_as_typed(shell, fake):
    shell.user_ns["inputs"] = "expanded"
    cell = "baseCommand: [echo, $(inputs.x), '${ return {}; }', {inputs}, $inputs]\n"

    shell.run_cell(f"%%workflow deploy\n{cell}").raise_error()

    assert fake.bodies("POST", "processes") == [cell.encode()]


def test_launch_without_inputs_shows_the_form_where_some_are_needed(client, fake):
    fake.form = [{"name": "scene", "label": "Scene", "kind": "file", "required": True}]

    form, _ = run("launch ndvi", None, {}, is_notebook=True)

    assert repr(form) == "LaunchForm('ndvi', 1 inputs)"
    assert not fake.jobs_by_key
    for line, is_notebook in (("launch ndvi -o r", True), ("launch ndvi", False)):
        with pytest.raises(InputError, match="scene: is needed"):
            run(line, None, {}, is_notebook=is_notebook)


def test_form_is_shown_with_what_is_given(client, fake):
    form, _ = run("launch ndvi threshold=0.5 --form", None, {}, is_notebook=True)

    assert form.values == {"threshold": 0.5}


def test_rerun_launches_the_same_inputs_with_changes(shell, fake):
    fake.status["inputs"] = {"threshold": 0.3, "label": "a"}

    shell.run_cell("%workflow rerun 3f8212b5 threshold=0.4 -o r").raise_error()

    assert sent(fake) == {"threshold": 0.4, "label": "a"}
    assert shell.user_ns["r"].area.value == 0


def test_watch_follows_a_job_to_its_results(shell, fake, capsys):
    shell.run_cell("%workflow watch 3f8212b5 -o r").raise_error()

    assert "[x] crop/0 done" in capsys.readouterr().out
    assert shell.user_ns["r"].area.value == 0


def test_open_gives_a_result_and_one_file_of_a_folder(shell, fake):
    fake.status["status"] = "successful"
    fake.files["stac/catalog.json"] = b"{}"
    fake.results["stac"] = folder_link("stac")

    shell.run_cell("%workflow open 3f8212b5 stac/catalog.json -o c").raise_error()
    shell.run_cell("%workflow open 3f8212b5 area -o a").raise_error()

    assert shell.user_ns["c"].json() == {}
    assert shell.user_ns["a"].value == 0
    assert "there are: mask, area, stac" in str(
        shell.run_cell("%workflow open 3f8212b5 nothing").error_in_exec
    )


GRAPH = {
    "nodes": [
        {"id": "crop", "label": "Crop <b>", "parent": None, "is_scatter": True, "kind": "step"},
        {"id": "detect", "label": "Detect", "parent": None, "kind": "workflow"},
        {"id": "detect/otsu", "label": "Otsu", "parent": "detect", "kind": "step"},
    ],
    "edges": [["crop", "detect"]],
}


def test_graph_shows_a_process_and_a_job_with_its_states(shell, fake):
    fake.add("GET", "processes/ndvi/graph", 200, GRAPH)
    fake.add("GET", f"jobs/{JOB}/graph", 200, GRAPH)

    shell.run_cell("%workflow graph ndvi -o p").raise_error()
    shell.run_cell("%workflow graph 3f8212b5 -o j").raise_error()
    bundle = shell.user_ns["j"]._repr_mimebundle_()

    assert str(shell.user_ns["p"]).splitlines() == [
        "ndvi",
        "  crop ×n",
        "  detect <- crop",
        "    otsu",
    ]
    assert bundle["text/plain"].splitlines()[1] == "  [x] crop ×n (done)"
    assert "not started" in bundle["text/plain"]
    assert "<b>" not in bundle["image/svg+xml"]
    assert 'subgraph n1["Detect"]' in bundle["text/vnd.mermaid"]


def test_graph_of_a_tool_is_the_tool_itself(client, fake):
    fake.add("GET", f"jobs/{JOB}/graph", 200, {"nodes": [], "edges": []})

    assert str(client.job(JOB).graph()).splitlines()[1] == "  [x] ndvi (done)"


def test_details_tell_what_the_runner_said_and_the_log_of_the_step(shell, fake, capsys):
    shell.run_cell("%workflow details").raise_error()
    assert "no magic has failed" in capsys.readouterr().out

    fake.events = FAILED
    shell.run_cell("%workflow launch ndvi -o r")
    capsys.readouterr()
    shell.run_cell("%workflow details").raise_error()

    shown = capsys.readouterr().out
    for part in ('"exit_code": 3', "The end of its log:\none", "Traceback", JOB):
        assert part in shown


def test_semicolon_leaves_out_the_progress_too(shell, fake, capsys):
    shell.run_cell("%workflow launch ndvi label=a;").raise_error()

    assert capsys.readouterr().out == ""
    assert fake.jobs_by_key


def test_job_that_is_not_waited_for_is_shown_once_and_to_its_end(client, fake, monkeypatch):
    shown, is_over = [], threading.Event()

    def update(bundle, raw):
        shown.append(bundle)
        if "successful" in bundle["text/plain"]:
            is_over.set()

    handle = SimpleNamespace(update=update)
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append(a[0]) or handle)

    job, _ = run("launch ndvi --no-wait", None, {}, is_notebook=True)

    assert "accepted" in shown[0]["text/plain"]
    assert job._ipython_display_() is None
    with pytest.raises(NotImplementedError):
        job._ipython_display_()
    assert is_over.wait(10)


def test_lists_have_their_head_and_tell_how_many_there_are(shell, fake, capsys):
    fake.status |= {"started": "2026-03-12T10:00:00Z", "finished": "2026-03-12T10:01:04Z"}
    fake.add("GET", "jobs", 200, {"jobs": [fake.status], "links": [], "numberMatched": 12480})

    shell.run_cell("%workflow jobs --status failed --search scene.tif")

    shown = capsys.readouterr().out
    assert "1 newest of 12480 jobs" in shown
    assert "1 min 4 s" in shown
    assert "status=failed&q=scene.tif" in fake.requests[-1]["query"]


@pytest.mark.parametrize("line", ["%%workflow", "%%workflow deploy"])
def test_cell_is_deployed_and_replaced_when_run_again(shell, fake, line):
    shell.run_cell(f"{line}\n{CELL}").raise_error()
    shell.run_cell(f"{line}\n{CELL}").raise_error()

    assert fake.bodies("PUT", "processes/ndvi") == [CELL.encode()]
    assert not fake.jobs_by_key


@pytest.mark.parametrize("line", ["%%workflow launch -i label=a", "%%workflow -i label=a"])
def test_cell_with_inputs_is_deployed_and_launched(shell, fake, line):
    shell.run_cell(f"{line} -o r\n{CELL}").raise_error()

    assert sent(fake) == {"label": "a"}
    assert shell.user_ns["r"].area.value == 0


def test_diagnostics_point_at_the_line_of_the_cell(shell, fake):
    found = {"message": "no such class", "line": 2, "column": 8, "severity": "error"}
    fake.add("POST", "processes", 400, {"detail": "bad", "diagnostics": [found]})

    failed = shell.run_cell(f"%%workflow\n{CELL}").error_in_exec

    assert str(failed).splitlines() == [
        "the workflow was not deployed: 1 error",
        "line 3, column 8: no such class",
        "    2  cwlVersion: v1.2",
        "    3  class: Nothing",
        "              ^",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%workflow lunch", "invalid choice: 'lunch'"),
        ("%workflow launch", "name the process"),
        ("%workflow launch ndvi -i label", "write name=value"),
        ("%workflow launch ndvi -i label=$nothing", "no variable 'nothing'"),
        ("%workflow launch ndvi -i threshold=x", "'threshold': 'x' is not a number"),
        ("%workflow launch ndvi -i label='a", "No closing quotation"),
        ("%workflow launch ndvi -o 1x", "cannot be the name of a variable"),
        ("%workflow status", "required: job"),
        ("%%workflow launch ndvi\nx: 1", "leave out 'ndvi'"),
        ("%%workflow jobs\nx: 1", "jobs takes no cell"),
        ("%%workflow\n\n", "the cell is empty"),
    ],
)
def test_wrong_use_fails_the_cell_with_a_short_text(shell, fake, line, message):
    failed = shell.run_cell(line).error_in_exec

    assert isinstance(failed, EodhError)
    assert message in str(failed)
    assert not fake.jobs_by_key


def test_failed_job_fails_the_cell(shell, fake):
    fake.events = FAILED

    failed = shell.run_cell("%workflow launch ndvi -o r").error_in_exec

    assert "crop ended with code 3." in str(failed)
    assert "r" not in shell.user_ns


@pytest.mark.parametrize("verb", ["", *EXAMPLES])
def test_help_shows_examples_and_fails_nothing(shell, capsys, verb):
    shell.run_cell(f"%workflow {verb} --help").raise_error()

    assert "Examples:\n  %workflow" in capsys.readouterr().out


def test_log_is_printed_without_what_a_terminal_obeys(shell, capsys):
    shell.run_cell("%workflow logs 3f8212b5 crop/0").raise_error()
    shell.run_cell("%workflow logs 3f8212b5 --follow").raise_error()

    assert capsys.readouterr().out == "one\n\ufffd[31mtwo\n" * 2


def test_live_display_is_one_that_ends_with_the_results(client, monkeypatch):
    shown = []
    handle = SimpleNamespace(update=lambda bundle, raw: shown.append(bundle))
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append(a[0]) or handle)

    show_live(client.job(JOB), is_notebook=True)

    assert "Accepted" in shown[0]["text/html"]
    assert "Successful" in shown[-1]["text/html"]
    assert "mask.tif, 6 B" in shown[-1]["text/plain"]
    assert len(shown) <= 4


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("%workflow ", ["launch", "status"]),
        ("%workflow la", ["launch"]),
        ("%workflow launch ", ["ndvi"]),
        ("%workflow launch ndvi -i ", ["scene=", "threshold="]),
        ("%workflow launch ndvi -i a=1 -i sc", ["scene="]),
        ("%workflow launch ndvi --", ["--input", "--no-wait"]),
        ("%workflow launch ndvi ", ["scene=", "threshold="]),
        ("%workflow launch ndvi flag=", ["true", "false"]),
        ("%workflow launch ndvi label=$", ["here"]),
        ("%workflow rerun 3f8212b5 th", ["threshold="]),
        ("%workflow graph ", ["ndvi", "3f8212b5"]),
        ("%workflow open 3f8212b5 ", ["mask", "area"]),
        ("%workflow logs 3f", ["3f8212b5"]),
        ("%workflow logs 3f8212b5 ", ["crop/0"]),
        ("%workflow jobs --status ", ["running"]),
        ("%%workflow ", ["deploy", "launch"]),
    ],
)
def test_completion_gives_what_may_follow(fake, line, some):
    fake.status["status"] = "successful"

    assert set(some) <= set(complete(line, {"here": 1, "_hidden": 2}))


def test_input_that_is_given_is_offered_no_more(fake):
    assert "label=" not in complete("%workflow launch ndvi label=a ")
    assert "names=" in complete("%workflow launch ndvi names=a ")


def test_completion_starts_no_runner_and_never_raises(folders):
    assert complete("%workflow launch ") == []
    assert not folders.exists()


def test_completion_reaches_the_shell(shell):
    _, found = shell.complete("", "%workflow launch ", 17)

    assert "ndvi" in found
