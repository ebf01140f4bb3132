"""A deployed process."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from .client import Client
    from .job import Job


class Process:
    """One deployed process; `launch` runs it."""

    def __init__(self, client: Client, description: dict[str, Any]) -> None:
        self._client, self._description = client, description

    @property
    def id(self) -> str:
        """Identifier."""
        return str(self._description["id"])

    @property
    def title(self) -> str:
        """Title, from the label of the workflow."""
        return str(self._description.get("title", self.id))

    @property
    def version(self) -> str:
        """Version of the software, as the document gives it."""
        return str(self._description.get("version", "unknown"))

    @property
    def inputs(self) -> dict[str, Any]:
        """Input descriptions by id: title, description, schema, minOccurs."""
        if "inputs" not in self._description:
            self._description = self._client.process(self.id)._description
        found: dict[str, Any] = self._description.get("inputs", {})
        return found

    @property
    def outputs(self) -> dict[str, Any]:
        """Output descriptions by id: title, description, schema."""
        found: dict[str, Any] = self.inputs and self._description.get("outputs", {})
        return found or self._description.get("outputs", {})

    @property
    def graph(self) -> dict[str, Any]:
        """Steps and what passes between them: nodes and edges."""
        path = f"processes/{quote(self.id, safe='')}/graph"
        found: dict[str, Any] = self._client._http.request("GET", path).json()
        return found

    def launch(self, **inputs: Any) -> Job:
        """Launch the process; see `Client.launch`."""
        return self._client.launch(self.id, inputs)

    def replace(self, package: str | Path | bytes) -> Process:
        """Deploy the next revision."""
        return self._client.deploy(package, replace=True)

    def undeploy(self) -> None:
        """Take the process away; its jobs stay."""
        self._client.undeploy(self.id)

    def package(self) -> str:
        """Give the CWL as it was deployed."""
        path = f"processes/{quote(self.id, safe='')}/package"
        return self._client._http.request("GET", path).text

    def mermaid(self) -> str:
        """Give the graph as a Mermaid diagram."""
        graph = self.graph
        names = {node["id"]: f"n{i}" for i, node in enumerate(graph["nodes"])}
        lines = ["flowchart LR"]
        for node in graph["nodes"]:
            label = "".join(c if c.isalnum() or c in " -_." else " " for c in node["label"])
            many = " ×n" if node["is_scatter"] else ""
            lines.append(f'  {names[node["id"]]}["{label}{many}"]')
        lines += [f"  {names[a]} --> {names[b]}" for a, b in graph["edges"]]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Show one line."""
        return f"Process({self.id!r}, {self.title!r}, version {self.version})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(name)}</code></td><td>{escape(type_name(i['schema']))}</td>"
            f"<td>{escape(_need(i))}</td><td>{escape(str(i.get('description', '')))}</td></tr>"
            for name, i in self.inputs.items()
        )
        return (
            f"<b>{escape(self.title)}</b> <code>{escape(self.id)}</code> {escape(self.version)}"
            "<table><thead><tr><th>Input</th><th>Type</th><th>Needed</th><th>What it is</th></tr>"
            f"</thead><tbody>{rows}</tbody></table>"
        )


def type_name(schema: dict[str, Any]) -> str:
    """Give a schema's type in a word or two."""
    if "x-cwl-class" in schema:
        return str(schema["x-cwl-class"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return type_name(schema.get("items", {})) + "[]"
    return str(schema.get("type", "any"))


def _need(described: dict[str, Any]) -> str:
    if "default" in described["schema"]:
        return f"default {described['schema']['default']!r}"
    return "yes" if described.get("minOccurs", 1) else "no"
