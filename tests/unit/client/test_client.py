import json

import pytest

from eodh_jupyter import EodhError, Problem, RunnerUnreachable
from eodh_jupyter.client import Client

from .conftest import DESCRIPTION, JOB


def test_deploy_of_text_bytes_file_document_and_address_sends_what_each_is(client, fake, tmp_path):
    file = tmp_path / "a.cwl"
    file.write_text("cwlVersion: v1.2\n")
    packages = ["a: 1\nb: 2", b"a: 1", file, str(file), {"class": "Workflow"}, "https://h/a.cwl"]

    for package in packages:
        client.deploy(package, replace=True)

    posts = [r for r in fake.requests if (r["method"], r["path"]) == ("POST", "processes")]
    kinds = [r["headers"]["Content-Type"].rpartition("/")[2] for r in posts]
    assert kinds == ["cwl+yaml"] * 4 + ["cwl+json", "ogcapppkg+json"]
    assert json.loads(posts[5]["body"])["executionUnit"]["href"] == "https://h/a.cwl"


def test_deploy_again_is_refused_or_replaces_when_asked(client, fake):
    client.deploy(b"a: 1")

    with pytest.raises(Problem, match="deployed already"):
        client.deploy(b"a: 1")
    assert client.deploy(b"a: 2", replace=True).id == "ndvi"
    assert fake.bodies("PUT", "processes/ndvi") == [b"a: 2"]


def test_deploy_of_a_file_that_is_not_there_names_it(client):
    with pytest.raises(EodhError, match=r"nothing\.cwl cannot be read"):
        client.deploy("nothing.cwl")


def test_execution_that_was_cut_is_sent_again_with_the_same_key(client, fake):
    fake.cuts["processes/ndvi/execution"] = 2

    job = client.execute("ndvi", {"label": "a"})

    assert job.id == JOB
    assert len(fake.bodies("POST", "processes/ndvi/execution")) == 3
    assert len(fake.jobs_by_key) == 1


def test_runner_that_cuts_every_answer_is_given_up_after_a_few_tries(client, fake, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    fake.cuts["health"] = 100

    with pytest.raises(RunnerUnreachable, match="does not answer"):
        client.health()

    assert len(fake.bodies("GET", "health")) == 4


def test_dismissal_that_may_have_arrived_is_not_sent_twice(client, fake):
    job = client.job(JOB)
    fake.cuts[f"jobs/{JOB}"] = 1

    with pytest.raises(RunnerUnreachable, match="stopped answering"):
        job.dismiss()

    assert len(fake.bodies("DELETE", f"jobs/{JOB}")) == 1


def test_problem_says_every_invalid_input_and_the_line_of_each_diagnostic(client, fake):
    body = {
        "detail": "2 inputs do not fit",
        "invalid": {"scene": "is needed", "threshold": "must be a number"},
        "diagnostics": [{"message": "no such type", "line": 7, "column": 3}],
    }
    fake.add("POST", "processes/ndvi/execution", 400, body)

    with pytest.raises(Problem) as caught:
        client.execute("ndvi", {})

    assert str(caught.value).splitlines() == [
        "2 inputs do not fit",
        "  scene: is needed",
        "  threshold: must be a number",
        "  line 7: no such type",
    ]
    assert caught.value._render_traceback_()[0].startswith("Problem: 2 inputs")


def test_job_is_found_by_the_beginning_of_its_id(client):
    assert client.job("3f8212b5").id == JOB
    with pytest.raises(EodhError, match="no job begins with 'ffff'"):
        client.job("ffff")


def test_lists_are_read_to_their_last_page(client, fake):
    following = {"rel": "next", "href": "http://elsewhere/x/processes?limit=1000&after=a"}
    pages = iter([{"processes": [{"id": "a"}], "links": [following]}])
    answers = {"processes": (200, {"processes": [{"id": "b"}], "links": []})}

    class Paged(dict):
        def __contains__(self, key):
            return key == ("GET", "processes")

        def __getitem__(self, key):
            page = next(pages, None)
            return (200, page) if page else answers["processes"]

    fake.answers = Paged()

    assert [p.id for p in client.processes()] == ["a", "b"]
    assert fake.requests[-1]["query"] == "limit=1000&after=a"


def test_process_shows_itself_escaped_and_in_one_line(client, fake):
    graph = {
        "nodes": [
            {"id": "a", "label": 'a"]', "is_scatter": False},
            {"id": "b", "label": "b", "is_scatter": True},
        ],
        "edges": [["a", "b"]],
    }
    fake.add("GET", "processes/ndvi/graph", 200, graph)
    process = client.process("ndvi")

    bundle = process._repr_mimebundle_()

    assert bundle["text/plain"] == "Process('ndvi', 'NDVI <b>', version 1.2)"
    assert "<b>NDVI &lt;b&gt;</b>" in bundle["text/html"]
    assert "scene &lt;i&gt;" in bundle["text/html"]
    assert bundle["text/vnd.mermaid"].splitlines()[1:] == [
        '  n0["a  "]',
        '  n1["b ×n"]',
        "  n0 --> n1",
    ]


def test_token_goes_to_the_runner_alone(monkeypatch):
    client = Client("http://127.0.0.1:9/ogc-api", token="secret")
    opened, connection = client._http._open()

    assert opened.headers["Authorization"] == "Bearer secret"
    assert "secret" not in repr(client) + repr(connection)
    sent = {}
    monkeypatch.setattr("httpx.request", lambda *a, **options: sent.update(options) or Ok())
    client._http.request("GET", "https://store.example/signed?x=1")
    assert "headers" not in sent


class Ok:
    is_success = True


def test_process_shows_what_the_package_lacks_as_text(client, fake):
    fake.answers["GET", "processes/ndvi"] = (200, {**DESCRIPTION, "warnings": ["no <label>"]})

    process = client.process("ndvi")

    assert process.warnings == ("no <label>",)
    assert "1 note on the package" in process._repr_html_()
    assert "<li>no &lt;label&gt;</li>" in process._repr_html_()


def test_process_that_lacks_nothing_has_no_notes(client):
    assert client.process("ndvi").warnings == ()
    assert "note" not in client.process("ndvi")._repr_html_()
