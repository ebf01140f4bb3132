import pytest
from eodh_runner.engine import document
from eodh_runner.engine.describe import describe

TOOL = """cwlVersion: v1.2
class: CommandLineTool
id: t
label: A tool
doc: What it does
baseCommand: echo
$namespaces: {sdo: https://schema.org/, iana: https://www.iana.org/assignments/media-types/}
"""


def described(added, inputs="{}", outputs="[]"):
    text = TOOL + f"inputs: {inputs}\noutputs: {outputs}\n" + added
    process = document.load(text, document.PACKAGE, "t", lambda url: "")
    return describe(process, document.read(text), "t")


@pytest.mark.parametrize(
    ("cwl_type", "schema"),
    [
        ("boolean", {"type": "boolean"}),
        ("int", {"type": "integer"}),
        ("long", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("double", {"type": "number"}),
        ("string", {"type": "string"}),
        ("string?", {"type": "string", "nullable": True}),
        ("'int[]'", {"type": "array", "items": {"type": "integer"}}),
        (
            "{type: array, items: ['null', int]}",
            {"type": "array", "items": {"type": "integer", "nullable": True}},
        ),
        ("{type: enum, symbols: [a, b]}", {"type": "string", "enum": ["a", "b"]}),
        ("[int, string]", {"oneOf": [{"type": "integer"}, {"type": "string"}]}),
        (
            "{type: record, fields: {a: int, b: string?}}",
            {
                "type": "object",
                "properties": {
                    "a": {"type": "integer"},
                    "b": {"type": "string", "nullable": True},
                },
                "required": ["a"],
            },
        ),
        ("File", {"type": "string", "format": "uri", "x-cwl-class": "File"}),
        ("Directory", {"type": "string", "format": "uri", "x-cwl-class": "Directory"}),
    ],
)
def test_input_of_cwl_type_gives_schema(cwl_type, schema):
    found = described("", f"{{x: {{type: {cwl_type}}}}}")["inputs"]["x"]

    assert found["schema"] == schema
    assert found["minOccurs"] == (0 if schema.get("nullable") else 1)


@pytest.mark.parametrize(
    ("cwl_type", "written", "default"),
    [("int", "0", 0), ("boolean", "false", False), ("string", "''", ""), ("double", "0.0", 0.0)],
)
def test_default_is_kept_with_its_type(cwl_type, written, default):
    found = described("", f"{{x: {{type: {cwl_type}, default: {written}}}}}")["inputs"]["x"]

    kept = found["schema"]["default"]
    assert (kept, type(kept)) == (default, type(default))
    assert found["minOccurs"] == 0


def test_file_of_iana_format_gives_media_type():
    found = described("", "{x: {type: File, format: iana:image/tiff}}")["inputs"]["x"]

    assert found["schema"]["contentMediaType"] == "image/tiff"


@pytest.mark.parametrize(
    "key", ["s:softwareVersion", "sdo:softwareVersion", "https://schema.org/softwareVersion"]
)
def test_version_is_read_under_every_spelling(key):
    spaces = "$namespaces: {sdo: https://schema.org/, s: https://schema.org/}"
    text = TOOL.replace(TOOL.splitlines()[-1], spaces) + f"inputs: {{}}\noutputs: []\n{key}: 1.10\n"
    process = document.load(text, document.PACKAGE, "t", lambda url: "")

    found = describe(process, document.read(text), "t")

    assert found["version"] == "1.10"
    assert found["metadata"] == [{"role": "https://schema.org/softwareVersion", "value": "1.10"}]
    assert (found["title"], found["description"]) == ("A tool", "What it does")
