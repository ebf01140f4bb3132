"""From a loaded process to its OGC description and its graph."""

from __future__ import annotations

from typing import Any

from cwltool.process import shortname

SCHEMA_ORG = ("https://schema.org/", "http://schema.org/")
MEDIA_TYPES = "iana.org/assignments/media-types/"
MAX_NESTING = 20
PRIMITIVES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "Any": {},
    "File": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "Directory": {"type": "string", "format": "uri", "x-cwl-class": "Directory"},
    "stdin": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "stdout": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "stderr": {"type": "string", "format": "uri", "x-cwl-class": "File"},
}
METADATA = [
    "softwareVersion",
    "author",
    "contributor",
    "citation",
    "codeRepository",
    "dateCreated",
    "keywords",
    "license",
    "releaseNotes",
]


def describe(process: Any, document: dict[str, Any], process_id: str) -> dict[str, Any]:
    """Give the fields of an `Inspection`, without the document."""
    tool = process.tool
    keywords = _schema_org(document, "keywords")
    words = keywords if isinstance(keywords, list) else str(keywords or "").split(",")
    return {
        "process_id": process_id,
        "title": _text(tool.get("label")) or process_id,
        "description": _text(tool.get("doc")) or _text(tool.get("label")) or process_id,
        "version": str(
            _schema_org(document, "softwareVersion")
            or _schema_org(document, "version")
            or "unknown"
        ),
        "keywords": [word.strip() for word in map(str, words) if word.strip()],
        "metadata": [
            {"role": f"https://schema.org/{name}", "value": value}
            for name in METADATA
            if (value := _schema_org(document, name)) is not None
        ],
        "inputs": {shortname(i["id"]): _input(i, process) for i in tool["inputs"]},
        "outputs": {shortname(o["id"]): _output(o, process) for o in tool["outputs"]},
        "graph": graph(process),
        "warnings": _warnings(process),
    }


def _schema_org(document: dict[str, Any], name: str) -> Any:
    spaces = document.get("$namespaces")
    named = spaces.items() if isinstance(spaces, dict) else ()
    prefixes = [f"{prefix}:" for prefix, url in named if str(url).startswith(SCHEMA_ORG)]
    for prefix in ("s:", *prefixes, *SCHEMA_ORG):
        if prefix + name in document:
            return document[prefix + name]
    return None


def _text(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _input(entry: dict[str, Any], process: Any) -> dict[str, Any]:
    schema, is_optional = schema_of(entry["type"], process)
    schema = _with_media_type(schema, entry)
    if "default" in entry and entry["default"] is not None:
        schema = {**schema, "default": _plain(entry["default"])}
    name = shortname(entry["id"])
    described = {
        "title": _text(entry.get("label")) or name,
        "description": _text(entry.get("doc")) or _text(entry.get("label")) or name,
        "minOccurs": 0 if is_optional or "default" in entry else 1,
        "maxOccurs": 1,
        "schema": schema,
    }
    if is_optional:
        described["schema"] = {**schema, "nullable": True}
    return described


def _output(entry: dict[str, Any], process: Any) -> dict[str, Any]:
    schema, is_optional = schema_of(entry["type"], process)
    schema = _with_media_type(schema, entry)
    name = shortname(entry["id"])
    return {
        "title": _text(entry.get("label")) or name,
        "description": _text(entry.get("doc")) or _text(entry.get("label")) or name,
        "schema": {**schema, "nullable": True} if is_optional else schema,
    }


def _with_media_type(schema: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Add contentMediaType to a File whose one format is an IANA media type."""
    media_format = entry.get("format")
    if isinstance(media_format, list) and len(media_format) == 1:
        media_format = media_format[0]
    if schema.get("x-cwl-class") != "File" or not isinstance(media_format, str):
        return schema
    _, found, media_type = media_format.partition(MEDIA_TYPES)
    return {**schema, "contentMediaType": media_type} if found else schema


def schema_of(cwl_type: Any, process: Any, depth: int = 0) -> tuple[dict[str, Any], bool]:
    """Give the JSON Schema of a CWL type, and whether it may be absent."""
    if depth > MAX_NESTING:  # a record may hold itself
        return {}, False
    if isinstance(cwl_type, list):
        options = [t for t in cwl_type if t != "null"]
        schemas = [schema_of(t, process, depth + 1)[0] for t in options]
        is_optional = len(options) < len(cwl_type)
        if len(schemas) == 1:
            return schemas[0], is_optional
        return ({"oneOf": schemas} if schemas else {}), is_optional
    if isinstance(cwl_type, dict):
        return _compound(cwl_type, process, depth + 1), False
    if cwl_type in PRIMITIVES:
        return dict(PRIMITIVES[cwl_type]), False
    for name, defined in process.schemaDefs.items():
        if name == cwl_type:
            return schema_of(defined, process, depth + 1)
    return {}, False


def _compound(cwl_type: dict[str, Any], process: Any, depth: int) -> dict[str, Any]:
    kind = cwl_type.get("type")
    if kind == "array":
        items, may_be_null = schema_of(cwl_type["items"], process, depth)
        return {"type": "array", "items": {**items, "nullable": True} if may_be_null else items}
    if kind == "enum":
        return {"type": "string", "enum": [shortname(s) for s in cwl_type["symbols"]]}
    if kind == "record":
        members, required = {}, []
        for field in cwl_type.get("fields", []):
            schema, is_optional = schema_of(field["type"], process, depth)
            name = shortname(field["name"])
            members[name] = {**schema, "nullable": True} if is_optional else schema
            if not is_optional:
                required.append(name)
        described: dict[str, Any] = {"type": "object", "properties": members}
        if required:
            described["required"] = required
        return described
    return schema_of(kind, process, depth)[0]


def graph(process: Any, parent: str = "") -> dict[str, Any]:
    """Give steps as nodes and what passes between them as edges; sub-workflows within."""
    nodes: list[dict[str, Any]] = []
    edges: list[list[str]] = []
    for step in getattr(process, "steps", []):
        node = parent + shortname(step.tool["id"])
        inner = step.embedded_tool
        nodes.append(
            {
                "id": node,
                "label": _text(step.tool.get("label")) or shortname(step.tool["id"]),
                "parent": parent.rstrip("/") or None,
                "is_scatter": "scatter" in step.tool,
                "is_conditional": "when" in step.tool,
                "kind": "workflow" if hasattr(inner, "steps") else "step",
            }
        )
        for entry in step.tool["inputs"]:
            sources = entry.get("source", [])
            for source in sources if isinstance(sources, list) else [sources]:
                path = str(source).rsplit("#", 1)[-1].split("/")
                from_step = parent + path[-2] if len(path) > 1 else None
                edge = [str(from_step), node]
                if from_step is not None and edge not in edges:
                    edges.append(edge)
        if hasattr(inner, "steps"):
            within = graph(inner, f"{node}/")
            nodes += within["nodes"]
            edges += within["edges"]
    known = {node["id"] for node in nodes}
    return {"nodes": nodes, "edges": [edge for edge in edges if edge[0] in known]}


def _warnings(process: Any) -> list[str]:
    """Give what OGC 20-089r1 (application package best practice) asks for and is absent."""
    found = []
    if process.tool["class"] == "Workflow" and not process.tool.get("label"):
        found.append("the workflow has no label")
    for entry in process.tool["inputs"]:
        if not entry.get("label") or not entry.get("doc"):
            found.append(f"the input '{shortname(entry['id'])}' has no label or no doc")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or type(value).__name__ == "ScalarBoolean":
        return bool(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return value if value is None else str(value)
