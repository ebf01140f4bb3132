import contextlib
import itertools
import json
import os
import pty
import shlex
import subprocess
import sys

import pytest

from eodh_jupyter.cli import main
from eodh_jupyter.usage import EXAMPLES, make_parser

from .conftest import DESCRIPTION, FAILED, JOB, MASK


def test_launch_waits_and_prints_steps_aside(fake, capsys):
    assert main(["launch", "ndvi", "-i", "threshold=0.5"]) == 0

    out, err = capsys.readouterr()
    assert out == f"job {JOB} successful\n"
    assert "[x] crop/0 done, 1.5 s" in err


def test_deploy_shows_what_the_package_lacks_aside(fake, capsys, tmp_path):
    fake.answers["GET", "processes/ndvi"] = (200, {**DESCRIPTION, "warnings": ["no <label>"]})
    (tmp_path / "a.cwl").write_text("a: 1")

    assert main(["deploy", str(tmp_path / "a.cwl")]) == 0

    out, err = capsys.readouterr()
    assert out.startswith("deployed ndvi")
    assert err == "note: no <label>\n"


def test_failed_job_exits_with_1_and_its_failure(fake, capsys):
    fake.events = FAILED

    assert main(["launch", "ndvi", "--json"]) == 1

    assert "crop ended with code 3." in capsys.readouterr().err


def test_no_runner_exits_with_3(monkeypatch, capsys):
    monkeypatch.setenv("EODH_RUNNER_URL", "http://127.0.0.1:9/ogc-api")
    monkeypatch.setattr("time.sleep", lambda _: None)

    assert main(["list"]) == 3

    assert "does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["launch", "nothing"],
        ["launch", "ndvi", "-i", "label"],
        ["launch", "ndvi", "-i", "threshold=x"],
        ["launch", "ndvi", "--inputs", "nothing.yaml"],
        ["deploy", "nothing.cwl"],
        ["status", "ffff"],
    ],
)
def test_wrong_use_exits_with_2_in_one_line(fake, capsys, arguments):
    assert main(arguments) == 2

    err = capsys.readouterr().err
    assert err.startswith("eodh: ")
    assert err.count("\n") == 1


def test_unknown_verb_exits_with_2(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["lunch"])
    assert caught.value.code == 2


def test_inputs_of_a_file_and_of_the_line_are_joined(fake, tmp_path):
    (tmp_path / "in.yaml").write_text("label: on\nthreshold: 2e-3\n")

    assert main(["launch", "ndvi", "--inputs", str(tmp_path / "in.yaml"), "-i", "flag=true"]) == 0

    found = json.loads(fake.bodies("POST", "processes/ndvi/execution")[0])["inputs"]
    assert found == {"label": "on", "threshold": 0.002, "flag": True}


def test_downloads_of_equal_names_do_not_overwrite_each_other(fake, tmp_path, capsys):
    fake.status["status"] = "successful"
    fake.results = {"a": fake.results["mask"], "b": fake.results["mask"]}

    assert main(["results", "3f8212b5", "--download", str(tmp_path)]) == 0

    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.tif")) == [
        "a/mask.tif",
        "b/mask.tif",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["jobs"],
        ["status", JOB],
        ["logs", JOB],
        ["results", JOB],
        ["dismiss", JOB],
        ["undeploy", "ndvi"],
    ],
)
def test_every_verb_prints_json_when_asked(fake, capsys, arguments):
    assert main([*arguments, "--json"]) == 0

    json.loads(capsys.readouterr().out)


def test_log_in_a_pipe_is_the_log(fake, capsys):
    assert main(["logs", "3f8212b5", "--follow"]) == 0

    assert capsys.readouterr().out == "one\n\x1b[31mtwo\n"


GRAPH = {
    "nodes": [
        {"id": "crop", "label": "crop", "parent": None, "kind": "step"},
        {"id": "mask", "label": "mask", "parent": None, "kind": "step", "is_scatter": True},
    ],
    "edges": [["crop", "mask"]],
}
CHECKED = {"process": "ndvi", "fields": [{}], "outputs": {"a": 1, "b": 2}, "warnings": ["no <doc>"]}


@pytest.fixture
def more(fake, tmp_path):
    """Give a runner that answers what the newer verbs ask."""
    fake.answers["POST", "check"] = (200, CHECKED)
    fake.answers["GET", "processes/ndvi/package"] = (200, b"cwlVersion: v1.2\n\x1b[2J\n")
    fake.answers["GET", "processes/ndvi/graph"] = (200, GRAPH)
    fake.answers["GET", f"jobs/{JOB}/graph"] = (200, GRAPH)
    fake.previews["mask"] = {"kind": "text", "text": "wet\x1b[2J"}
    fake.status |= {"status": "successful", "inputs": {"label": "before"}}
    (tmp_path / "a.cwl").write_text("a: 1\nb: [")
    return fake


def test_watch_ends_with_the_job_and_its_exit_code(fake, capsys):
    assert main(["watch", "3f8212b5"]) == 0
    assert "[x] crop/0 done, 1.5 s" in capsys.readouterr().err

    fake.events = FAILED
    assert main(["watch", "3f8212b5"]) == 1


def test_rerun_keeps_inputs_but_those_of_the_line(more):
    assert main(["rerun", "3f8212b5", "-i", "threshold=0.5", "--no-wait"]) == 0

    sent = json.loads(more.bodies("POST", "processes/ndvi/execution")[0])["inputs"]
    assert sent == {"label": "before", "threshold": 0.5}


def test_check_tells_what_would_be_deployed_and_deploys_nothing(more, capsys, tmp_path):
    assert main(["check", str(tmp_path / "a.cwl")]) == 0

    out, err = capsys.readouterr()
    assert out.endswith("would deploy ndvi: 1 input, 2 outputs\n")
    assert err == "note: no <doc>\n"
    assert more.bodies("POST", "processes") == []


@pytest.mark.parametrize("verb", ["check", "deploy"])
def test_wrong_document_is_shown_at_its_line(more, capsys, tmp_path, verb):
    found = {"message": "no end", "line": 2, "column": 4}
    for path in ("check", "processes"):
        more.answers["POST", path] = (400, {"detail": "it is wrong", "diagnostics": [found]})

    assert main([verb, str(tmp_path / "a.cwl")]) == 2

    err = capsys.readouterr().err
    assert "a.cwl: the workflow was not deployed: 1 error\nline 2, column 4: no end\n" in err
    assert "    2  b: [\n" in err


def test_deploy_of_a_known_process_says_how_to_replace_it(fake, capsys, tmp_path):
    fake.is_deployed = True
    (tmp_path / "a.cwl").write_text("a: 1")

    assert main(["deploy", str(tmp_path / "a.cwl")]) == 2

    assert "add --replace" in capsys.readouterr().err


def test_graph_is_text_of_a_process_and_has_the_states_of_a_job(more, capsys):
    assert main(["graph", "ndvi"]) == 0
    assert "  mask ×n <- crop\n" in capsys.readouterr().out

    assert main(["graph", "3f8212b5"]) == 0
    assert "[x] crop (done)" in capsys.readouterr().out

    assert main(["graph", "ndvi", "--mermaid"]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR")


def test_package_in_a_pipe_is_the_document_as_it_was_deployed(more, capfdbinary):
    assert main(["package", "ndvi"]) == 0

    assert capfdbinary.readouterr().out == b"cwlVersion: v1.2\n\x1b[2J\n"


def test_open_shows_a_file_at_a_glance_and_a_value_as_it_is(more, capsys):
    assert main(["open", "3f8212b5", "mask"]) == 0
    assert main(["open", "3f8212b5", "area", "--json"]) == 0

    out = capsys.readouterr().out
    assert out == "mask: text\nwet\ufffd[2J\n0\n"


def test_download_copies_one_result_or_prints_it(more, capfdbinary, tmp_path):
    assert main(["download", "3f8212b5", "mask", "--to", str(tmp_path / "d"), "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out) == {"mask": str(tmp_path / "d" / "mask.tif")}
    assert (tmp_path / "d" / "mask.tif").read_bytes() == b"raster"

    assert main(["download", "3f8212b5", "mask", "--to", "-"]) == 0
    assert capfdbinary.readouterr().out == b"raster"

    assert main(["download", "3f8212b5", "--to", "-"]) == 2


def test_download_keeps_hostile_names_in_their_folder(more, capsys, tmp_path):
    more.results = {"..": more.results["mask"], "-rf\x1b[2J": {**MASK, "title": "../../up"}}

    assert main(["download", "3f8212b5", "--to", str(tmp_path / "d")]) == 0

    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"a.cwl", "d/_/mask.tif", "d/-rf\x1b[2J/.._.._up"}
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "{file}"],
        ["describe", "ndvi"],
        ["package", "ndvi"],
        ["graph", "ndvi"],
        ["graph", JOB],
        ["open", JOB, "mask"],
        ["download", JOB, "--to", "{folder}"],
        ["rerun", JOB],
        ["watch", JOB],
    ],
)
def test_every_newer_verb_prints_json_when_asked(more, capsys, tmp_path, arguments):
    words = [w.format(file=tmp_path / "a.cwl", folder=tmp_path) for w in arguments]

    assert main([*words, "--json"]) == 0

    json.loads(capsys.readouterr().out)


def test_hostile_words_of_the_runner_are_no_commands_of_a_terminal(fake, capsys):
    evil = "\x1b]0;owned\x07\x1b[2J\u202e\r"
    fake.answers["GET", "processes/ndvi"] = (
        200,
        {**DESCRIPTION, "title": evil, "description": evil, "outputs": {evil: {"schema": {}}}},
    )
    fake.answers["GET", "processes"] = (
        200,
        {"processes": [{"id": evil, "title": evil}], "links": []},
    )
    fake.answers["GET", "processes/none"] = (404, {"detail": f"no {evil}"})
    fake.status |= {"processID": evil, "message": evil}

    for arguments in (["describe", "ndvi"], ["list"], ["jobs"], ["status", JOB], ["graph", "none"]):
        main(arguments)
        out, err = capsys.readouterr()
        assert not set(evil) & set("\x1b\x07\r\u202e") & set(out + err), arguments


def test_unknown_output_is_named_in_one_line(more, capsys):
    assert main(["open", "3f8212b5", "nothing"]) == 2

    assert capsys.readouterr().err == "eodh: no output 'nothing'; there are: mask, area\n"


@pytest.mark.parametrize("verb", sorted(EXAMPLES))
def test_help_of_a_verb_has_examples_that_can_be_parsed(capsys, verb):
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])

    assert (caught.value.code, "Examples:" in capsys.readouterr().out) == (0, True)
    for line in EXAMPLES[verb].splitlines():
        words = shlex.split(line.partition("  (")[0].replace("(", "'('"))
        ours = list(itertools.takewhile(lambda word: word not in ("|", ">", "&&"), words))
        make_parser().parse_args(ours[1:])


def test_progress_stays_in_its_place_on_a_terminal_and_leaves_nothing(fake, folders):
    lines = run_on_a_terminal("launch", "ndvi")

    assert "\r\x1b[K50 %" in lines
    assert "\r\x1b[K[x] crop/0 done, 1.5 s" in lines
    assert lines.rstrip().endswith(f"job {JOB} successful")


def run_on_a_terminal(*arguments):
    """Give what the command line writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "eodh_jupyter.cli", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):  # the terminal ends with its last writer
        while chunk := os.read(ours, 4096):
            text += chunk
    assert process.wait(30) == 0, text
    os.close(ours)
    return text.decode()
