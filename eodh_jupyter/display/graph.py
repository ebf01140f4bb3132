"""The steps of a workflow and what passes between them: as picture, Mermaid and text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from .words import clean, mark

WIDTH, HEIGHT, GAP, ROW = 168, 40, 40, 12
LINES = {"failed": "#c62828", "running": "#1976d2", "done": "#2e7d32", "reused": "#2e7d32"}
#: The state of a step with many runs is the first of these that any has.
ORDER = ("failed", "running", "waiting", "dismissed", "done", "reused")
MAX_NODES = 400


@dataclass(frozen=True)
class Graph:
    """Steps and edges of a process, with the states of a job when there is one."""

    title: str
    #: `id`, `label`, `parent`, `is_scatter`, `kind` (step or workflow), as the runner has them.
    nodes: tuple[Mapping[str, Any], ...]
    edges: tuple[tuple[str, str], ...]
    #: States of the runs by node; empty for a process.
    states: Mapping[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, title: str, found: Mapping[str, Any], steps: Iterable[Mapping[str, Any]] = ()
    ) -> Graph:
        """Make it of the wire's graph, and of the step runs of a job."""
        # A tool has no steps: it is one itself.
        alone = {"id": title.partition(" ")[0], "label": title.partition(" ")[0], "kind": "step"}
        nodes = tuple(found["nodes"] or [alone])
        known = {str(node["id"]) for node in nodes}
        states: dict[str, Counter[str]] = defaultdict(Counter)
        for step in steps:
            node = node_of(str(step["path"]), known) if found["nodes"] else alone["id"]
            states[node][str(step["state"])] += 1
        edges = tuple((str(a), str(b)) for a, b in found["edges"])
        return cls(title, nodes, edges, dict(states))

    def state(self, node: str) -> str:
        """Give the state of a step in a word or two; empty for a process."""
        found = self.states.get(node)
        if not found:
            return "not started" if self.states else ""
        word = next((state for state in ORDER if found[state]), "waiting")
        total, ended = found.total(), found["done"] + found["reused"]
        return f"{word}, {ended} of {total}" if total > 1 else word

    def to_text(self) -> str:
        """Give it as text: a line for each step, with what it waits for."""
        before: dict[str, list[str]] = defaultdict(list)
        for one, other in self.edges:
            before[other].append(one)
        lines = [clean(self.title)]
        for node in self._in_order():
            name = str(node["id"])
            indent = "  " * (name.count("/") + 1)
            many = " ×n" if node.get("is_scatter") else ""
            after = (
                f" <- {', '.join(clean(_last(x)) for x in before[name])}" if before[name] else ""
            )
            state = self.state(name) if node.get("kind") != "workflow" else ""
            sign = f"{mark(state.partition(',')[0])} " if self.states and state else ""
            told = f" ({state})" if state else ""
            lines.append(f"{indent}{sign}{clean(_last(name))}{many}{told}{after}")
        return "\n".join(lines)

    def to_mermaid(self) -> str:
        """Give it as a Mermaid flowchart, sub-workflows as boxes."""
        names = {str(node["id"]): f"n{i}" for i, node in enumerate(self.nodes)}
        lines = ["flowchart LR", *self._mermaid(None, names, "  ")]
        lines += [f"  {names[a]} --> {names[b]}" for a, b in self.edges]
        for state, colour in LINES.items():
            found = [names[n] for n in names if self.state(n).partition(",")[0] == state]
            if found:
                lines.append(f"  classDef {state} stroke:{colour},stroke-width:2px")
                lines.append(f"  class {','.join(found)} {state}")
        return "\n".join(lines)

    def to_svg(self) -> str:
        """Give it as a picture; empty when there are too many steps for one."""
        layers, edges = self._layers()
        if not layers or sum(map(len, layers)) > MAX_NODES:
            return ""
        places = {
            node: (8 + column * (WIDTH + GAP), 8 + row * (HEIGHT + ROW))
            for column, layer in enumerate(layers)
            for row, node in enumerate(layer)
        }
        width = 16 + len(layers) * (WIDTH + GAP) - GAP
        height = 16 + max(map(len, layers)) * (HEIGHT + ROW) - ROW
        drawn = [_edge(places[a], places[b]) for a, b in edges]
        drawn += [self._box(node, place) for node, place in places.items()]
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' role='img' width='{width}' "
            f"height='{height}' viewBox='0 0 {width} {height}' font-family='sans-serif'>"
            f"<title>{escape(clean(self.title))}</title>"
            f"<rect width='{width}' height='{height}' fill='#fff'/>{''.join(drawn)}</svg>"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": self.to_text(), "text/vnd.mermaid": self.to_mermaid()}
        if svg := self.to_svg():
            bundle["image/svg+xml"] = svg
        return bundle

    def __str__(self) -> str:
        """Give it as text."""
        return self.to_text()

    def _in_order(self) -> list[Mapping[str, Any]]:
        """Give parents before their steps, and steps in the order of the document."""
        children: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
        for node in self.nodes:
            children[node.get("parent")].append(node)
        found: list[Mapping[str, Any]] = []
        stack = list(reversed(children[None]))
        while stack:
            found.append(stack.pop())
            stack += reversed(children.pop(found[-1]["id"], []))
        return found

    def _mermaid(self, parent: Any, names: Mapping[str, str], indent: str) -> list[str]:
        lines = []
        for node in self.nodes:
            if node.get("parent") != parent:
                continue
            name, many = names[str(node["id"])], " ×n" if node.get("is_scatter") else ""
            label = _plain(str(node["label"])) + many
            if node.get("kind") == "workflow":
                inner = self._mermaid(node["id"], names, f"{indent}  ")
                lines += [f'{indent}subgraph {name}["{label}"]', *inner, f"{indent}end"]
            else:
                lines.append(f'{indent}{name}["{label}"]')
        return lines

    def _layers(self) -> tuple[list[list[str]], list[tuple[str, str]]]:
        """Give the steps by longest path from the start, and the edges among them."""
        leaves = [str(n["id"]) for n in self.nodes if n.get("kind") != "workflow"]
        inner = [(a, b) for a, b in self.edges]
        firsts = {leaf for leaf in leaves} - {b for _, b in inner}
        lasts = {leaf for leaf in leaves} - {a for a, _ in inner}
        edges = {
            (one, other)
            for a, b in inner
            for one in _ends(a, leaves, lasts)
            for other in _ends(b, leaves, firsts)
        }
        depth = dict.fromkeys(leaves, 0)
        for _ in leaves:
            deeper = {b: depth[a] + 1 for a, b in edges if depth[b] <= depth[a]}
            if not deeper:
                break
            depth |= deeper
        layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
        for leaf in leaves:
            layers[depth[leaf]].append(leaf)
        return layers, sorted(edges)

    def _box(self, node: str, place: tuple[int, int]) -> str:
        x, y = place
        found = next(n for n in self.nodes if n["id"] == node)
        state = self.state(node)
        word = state.partition(",")[0]
        line = LINES.get(word, "#767676")
        dash = "" if word in LINES or not self.states else " stroke-dasharray='3 2'"
        many = " ×n" if found.get("is_scatter") else ""
        second = state or (node.rpartition("/")[0] and f"in {node.rpartition('/')[0]}")
        return (
            f"<g><title>{escape(clean(f'{node}: {state}' if state else node))}</title>"
            f"<rect x='{x}' y='{y}' width='{WIDTH}' height='{HEIGHT}' rx='3' fill='#fff' "
            f"stroke='{line}' stroke-width='1.5'{dash}/>"
            f"<text x='{x + 8}' y='{y + 17}' font-size='13' fill='#1f1f1f'>"
            f"{escape(_cut(_last(node) + many, 22))}</text>"
            f"<text x='{x + 8}' y='{y + 33}' font-size='11' fill='#595959'>"
            f"{escape(_cut(str(second), 27))}</text></g>"
        )


def node_of(path: str, known: set[str]) -> str:
    """Give the node of a step run: its path without the places in scatters.

    Examples
    --------
    >>> node_of("detect/0/crop/1", {"detect", "detect/crop"})
    'detect/crop'
    """
    found = ""
    for part in path.split("/"):
        deeper = f"{found}/{part}" if found else part
        if deeper in known or not part.isdigit():
            found = deeper
    return found


def _ends(node: str, leaves: list[str], ends: set[str]) -> list[str]:
    """Give the steps that stand for a node: of a sub-workflow its first or last ones."""
    if node in leaves:
        return [node]
    inside = [leaf for leaf in leaves if leaf.startswith(f"{node}/")]
    return [leaf for leaf in inside if leaf in ends] or inside


def _edge(one: tuple[int, int], other: tuple[int, int]) -> str:
    x, y = one[0] + WIDTH, one[1] + HEIGHT // 2
    to_x, to_y = other[0], other[1] + HEIGHT // 2
    half = (x + to_x) // 2
    return (
        f"<path d='M{x} {y}C{half} {y} {half} {to_y} {to_x - 5} {to_y}' fill='none' "
        f"stroke='#767676'/><path d='M{to_x - 6} {to_y - 3}l6 3l-6 3z' fill='#767676'/>"
    )


def _last(node: str) -> str:
    return node.rpartition("/")[2]


def _cut(text: str, limit: int) -> str:
    text = clean(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _plain(text: str) -> str:
    return "".join(c if c.isalnum() or c in " -_." else " " for c in text)
