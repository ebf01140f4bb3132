import json

import pytest

from eodh_jupyter.cli import main

from .conftest import DESCRIPTION, FAILED, JOB


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
