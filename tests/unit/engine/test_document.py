import json
import time
from itertools import pairwise

import pytest
from eodh_runner.engine import document

TOOL = (
    "cwlVersion: v1.2\nclass: CommandLineTool\nid: t\nbaseCommand: echo\ninputs: {}\noutputs: []\n"
)
ALPHABET = "abcdefghi"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in pairwise(ALPHABET)
)


def refuse(url):
    raise document.Refused(f"{url} may not be read")


def load(text, name="t"):
    return document.load(text, document.PACKAGE, name, refuse)


@pytest.mark.parametrize(
    ("added", "message", "line"),
    [
        ("q:\n\t- a\n", "cannot start any token", 8),
        ("q: !!python/object/apply:os.system [ls]\n", "could not determine", 7),
        ("q: !!binary aGk=\n", "could not determine", 7),
        ("q: '\x00'\n", "control characters", 7),
        ("? [a, b]\n: 1\n", "unhashable", 7),
        ("q: &q [*q]\n", "stands within what it repeats", 7),
        ("q: &q {<<: *q}\n", "stands within what it repeats", 7),
        ("---\n" + TOOL, "another document", 7),
        ("q: " + "[" * 150 + "]" * 150 + "\n", "nested deeper", 7),
    ],
)
def test_read_of_bad_yaml_gives_the_line(added, message, line):
    with pytest.raises(document.Refused, match=message) as refused:
        document.read(TOOL + added)

    assert refused.value.diagnostics[0].line == line


def test_read_of_a_bomb_refuses_within_a_second():
    began = time.perf_counter()

    with pytest.raises(document.Refused, match="aliases repeat too much"):
        document.read(TOOL + BOMB)

    assert time.perf_counter() - began < 1


def test_read_of_too_many_bytes_refuses_by_bytes_not_characters():
    with pytest.raises(document.Refused, match="larger than 2 MiB"):
        document.read(TOOL + "q: '" + "€" * (1 << 20) + "'\n")


def test_read_leaves_scalars_as_written():
    found = document.read(TOOL + "s:softwareVersion: 1.10\ns:keywords: [yes, 010, 2020-01-01]\n")

    assert found["s:softwareVersion"] == "1.10"
    assert found["s:keywords"] == ["yes", "010", "2020-01-01"]


@pytest.mark.parametrize(
    ("version", "shown"), [("v9", "v9"), ("1.2", "1.2"), ("draft-3", "draft-3")]
)
def test_read_of_another_version_names_it(version, shown):
    with pytest.raises(document.Refused, match=f"cwlVersion '{shown}' is not supported") as refused:
        document.read(TOOL.replace("v1.2", version))

    assert (refused.value.diagnostics[0].line, refused.value.diagnostics[0].column) == (1, 1)


@pytest.mark.parametrize(
    ("change", "message", "place"),
    [
        (("inputs: {}", "inputs:\n  a: strin"), "references unknown identifier 'strin'", (6, 3)),
        (("baseCommand", "basecommand"), "invalid field 'basecommand'", (4, 1)),
        (("id: t", "id: t\nid: u"), 'found duplicate key "id"', (4, 1)),
    ],
)
def test_load_of_a_mistake_gives_its_place(change, message, place):
    with pytest.raises(document.Refused, match=message) as refused:
        load(TOOL.replace(*change))

    first = refused.value.diagnostics[0]
    assert (first.line, first.column) == place


@pytest.mark.parametrize("value", ["9" * 10_000, "!!float abc"])
def test_load_of_an_impossible_number_is_refused(value):
    with pytest.raises(document.Refused):
        load(TOOL + f"q: {value}\n")


WORKFLOW = """cwlVersion: v1.2
class: Workflow
id: w
inputs: {INPUT: string}
outputs: {}
steps:
  STEP:
    run: RUN
    in: {}
    out: []
"""
INNER = "{class: CommandLineTool, baseCommand: 'true', inputs: {}, outputs: []}"


@pytest.mark.parametrize("run", ["file:///etc/passwd", "https://example.org/t.cwl"])
def test_load_of_a_refused_address_gives_its_reason_and_line(run):
    text = WORKFLOW.replace("RUN", run).replace("STEP", "s").replace("INPUT", "a")

    with pytest.raises(document.Refused, match="may not be read") as refused:
        load(text, "w")

    assert refused.value.diagnostics[0].line == 8


def test_load_of_an_unknown_reference_gives_its_line():
    text = WORKFLOW.replace("RUN", "'#nope'").replace("STEP", "s").replace("INPUT", "a")

    with pytest.raises(document.Refused, match="'#nope' not found in the document") as refused:
        load(text, "w")

    assert refused.value.diagnostics[0].line == 8


def test_load_includes_a_text_that_is_not_yaml():
    text = TOOL + (
        "requirements:\n  - class: InlineJavascriptRequirement\n    expressionLib:\n"
        "      - $include: https://example.org/lib.js\n"
    )

    process = document.load(text, document.PACKAGE, "t", lambda url: "var a = {b: {c: 1}}: [")

    lib = process.get_requirement("InlineJavascriptRequirement")[0]["expressionLib"]
    assert lib == ["var a = {b: {c: 1}}: ["]


def test_load_of_a_refused_include_gives_its_line():
    text = (
        TOOL
        + "requirements:\n  InlineJavascriptRequirement:\n    expressionLib:\n"
        + ("      - $include: https://example.org/lib.js\n")
    )

    with pytest.raises(document.Refused, match="may not be read") as refused:
        load(text)

    assert refused.value.diagnostics[0].line == 10


@pytest.mark.parametrize("as_json", [False, True])
def test_load_does_not_fetch_ontologies_and_tolerates_a_plain_key(as_json):
    text = TOOL + (
        "schemas: [http://schema.org/version/9.0/schemaorg-current-http.rdf]\n"
        "$schemas: [https://example.org/edam.owl, https://example.org/any]\n"
        "$namespaces: {s: https://schema.org/}\n"
    )
    fetched = []
    if as_json:
        text = json.dumps(document.read(text), indent=1)

    tool = document.load(text, document.PACKAGE, "t", fetched.append).tool

    assert tool["baseCommand"] == "echo"
    assert fetched == []


def test_load_of_aliased_enum_keeps_its_words():
    text = TOOL.replace(
        "inputs: {}",
        "inputs:\n  a: {type: {type: enum, symbols: &s ['yes', no]}}\n"
        "  b: {type: {type: enum, symbols: *s}}",
    )

    symbols = load(text).tool["inputs"][1]["type"]["symbols"]

    assert [symbol.rsplit("/", 1)[-1] for symbol in symbols] == ["yes", "no"]


@pytest.mark.parametrize("name", document.RESERVED_INPUTS)
def test_reserved_input_is_named_with_its_line(name):
    text = WORKFLOW.replace("RUN", INNER).replace("STEP", "s").replace("INPUT", name)

    with pytest.raises(document.Refused, match=f"input '{name}' is reserved") as refused:
        document.check_reserved(load(text, "w"), text)

    assert refused.value.diagnostics[0].line == 4


@pytest.mark.parametrize("name", ["node_stage_in", "node_stage_out_2"])
def test_reserved_step_is_named_with_its_line(name):
    text = WORKFLOW.replace("RUN", INNER).replace("STEP", name).replace("INPUT", "a")

    with pytest.raises(document.Refused, match=f"step '{name}'") as refused:
        document.check_reserved(load(text, "w"), text)

    assert refused.value.diagnostics[0].line == 7


def test_choose_of_graph_prefers_main_then_the_first_workflow():
    tool, first = {"class": "CommandLineTool", "id": "t"}, {"class": "Workflow", "id": "#first"}
    main = {"class": "Workflow", "id": "main"}

    assert document.choose({"$graph": [tool, first]}, document.PACKAGE, None) == "first"
    assert document.choose({"$graph": [tool, first, main]}, document.PACKAGE, None) == "main"
    assert document.choose({"$graph": [tool]}, document.PACKAGE, None) == "t"
    assert document.choose({"$graph": [tool, main]}, document.PACKAGE, "#t") == "t"
    with pytest.raises(document.UnknownWorkflow, match="nope"):
        document.choose({"$graph": [tool, main]}, document.PACKAGE, "nope")
