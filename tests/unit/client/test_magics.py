import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from eodh_jupyter import EodhError
from eodh_jupyter.completion import complete
from eodh_jupyter.display.live import show_live

from .conftest import FAILED, JOB

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

    assert str(failed).splitlines()[1:] == [
        "line 3: no such class",
        "    class: Nothing",
        "           ^",
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


@pytest.mark.parametrize("verb", ["", "launch", "logs"])
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
        ("%workflow logs 3f", ["3f8212b5"]),
        ("%workflow logs 3f8212b5 ", ["crop/0"]),
        ("%workflow jobs --status ", ["running"]),
        ("%%workflow ", ["deploy", "launch"]),
    ],
)
def test_completion_gives_what_may_follow(fake, line, some):
    assert set(some) <= set(complete(line))


def test_completion_starts_no_runner_and_never_raises(folders):
    assert complete("%workflow launch ") == []
    assert not folders.exists()


def test_completion_reaches_the_shell(shell):
    _, found = shell.complete("", "%workflow launch ", 17)

    assert "ndvi" in found
