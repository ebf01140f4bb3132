"""From a loaded process to its OGC description and its graph."""

from __future__ import annotations

from typing import Any

from cwltool.process import shortname

from .schema import SCHEMA_ORG, constraints, schema_of, text_of

MEDIA_TYPES = "iana.org/assignments/media-types/"
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
        "title": text_of(tool.get("label")) or process_id,
        "description": text_of(tool.get("doc")) or text_of(tool.get("label")) or process_id,
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
        "inputs": {
            shortname(entry["id"]): _input(entry, process)
            for entry in in_order(tool["inputs"], document, process_id)
        },
        "outputs": {shortname(o["id"]): _output(o, process) for o in tool["outputs"]},
        "graph": graph(process),
        "warnings": _warnings(process),
        "images": sorted(_images(process)),
    }


def _images(process: Any) -> set[str]:
    """Give the names of the images of all tools within."""
    if hasattr(process, "steps"):
        return {name for step in process.steps for name in _images(step.embedded_tool)}
    docker, _ = process.get_requirement("DockerRequirement")
    name = (docker or {}).get("dockerPull")
    return {str(name)} if name else set()


def _schema_org(document: dict[str, Any], name: str) -> Any:
    spaces = document.get("$namespaces")
    named = spaces.items() if isinstance(spaces, dict) else ()
    prefixes = [f"{prefix}:" for prefix, url in named if str(url).startswith(SCHEMA_ORG)]
    for prefix in ("s:", *prefixes, *SCHEMA_ORG):
        if prefix + name in document:
            return document[prefix + name]
    return None


def _input(entry: dict[str, Any], process: Any) -> dict[str, Any]:
    schema, is_optional = schema_of(entry["type"], process)
    schema = {**_with_media_type(schema, entry), **constraints(entry)}
    name = shortname(entry["id"])
    if name in _secrets(process):
        schema = {**schema, "format": "password"}
    if "default" in entry and entry["default"] is not None:
        schema = {**schema, "default": _plain(entry["default"])}
    described = {
        "title": text_of(entry.get("label")) or name,
        "description": text_of(entry.get("doc")) or text_of(entry.get("label")) or name,
        "minOccurs": 0 if is_optional or "default" in entry else 1,
        "maxOccurs": 1,
        "schema": schema,
    }
    if is_optional:
        described["schema"] = {**schema, "nullable": True}
    return described


def in_order(
    entries: list[dict[str, Any]], document: dict[str, Any], process_id: str
) -> list[dict[str, Any]]:
    """Give inputs as the document lists them; the loader sorts those of a map by name."""
    graph = document.get("$graph")
    for part in graph if isinstance(graph, list) else [document]:
        written = part.get("inputs") if isinstance(part, dict) else None
        is_chosen = not graph or str(part.get("id", "")).lstrip("#") == process_id
        if isinstance(written, dict) and is_chosen:
            places = {str(name).rsplit("/", 1)[-1]: i for i, name in enumerate(written)}
            return sorted(entries, key=lambda e: places.get(shortname(e["id"]), len(places)))
    return entries


def _secrets(process: Any) -> list[str]:
    """Give the inputs that the document says are secret (cwltool's extension)."""
    found = process.get_requirement("http://commonwl.org/cwltool#Secrets")[0] or {}
    return [shortname(name) for name in found.get("secrets", [])]


def _output(entry: dict[str, Any], process: Any) -> dict[str, Any]:
    schema, is_optional = schema_of(entry["type"], process)
    schema = _with_media_type(schema, entry)
    name = shortname(entry["id"])
    return {
        "title": text_of(entry.get("label")) or name,
        "description": text_of(entry.get("doc")) or text_of(entry.get("label")) or name,
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
                "label": text_of(step.tool.get("label")) or shortname(step.tool["id"]),
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
