"""What KWOK does with nodes and pods, as its Stage objects."""

from pathlib import Path

#: Annotations by which the player tells how far the containers of a pod are.
STARTED, STORED = "eodh.test/started", "eodh.test/stored"

_HEAD = """\
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: {name}
spec:
  resourceRef:
    apiGroup: v1
    kind: {kind}
  selector:
    matchExpressions:
"""
_NODE = """\
    - key: '.status.conditions.[] | select( .type == "Ready" ) | .status'
      operator: 'NotIn'
      values: ['True']
  next:
    statusTemplate: |
      {{ $now := Now }}
      conditions:
      {{ range NodeConditions }}
      - lastHeartbeatTime: {{ $now | Quote }}
        lastTransitionTime: {{ $now | Quote }}
        message: {{ .message | Quote }}
        reason: {{ .reason | Quote }}
        status: {{ .status | Quote }}
        type: {{ .type  | Quote}}
      {{ end }}
      allocatable: {cpu: 1k, memory: 1Ti, ephemeral-storage: 100Ti, pods: 1M}
      capacity: {cpu: 1k, memory: 1Ti, ephemeral-storage: 100Ti, pods: 1M}
      phase: Running
"""
_LIVING = """\
    - key: '.metadata.deletionTimestamp'
      operator: 'DoesNotExist'
    - key: '.status.phase'
      operator: 'In'
      values: [{phases}]
    - key: '.metadata.annotations["{annotation}"]'
      operator: 'Exists'
"""
_CONTAINERS = """\
  next:
    statusTemplate: |
      {{ $now := Now }}
      phase: %(phase)s
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        name: {{ .name | Quote }}
        restartCount: 0
        ready: %(ready)s
        state: %(main)s
      {{ end }}
      initContainerStatuses:
      {{ range .spec.initContainers }}
      - image: {{ .image | Quote }}
        name: {{ .name | Quote }}
        restartCount: 0
        ready: %(ready)s
        {{ if eq .name "collect" }}
        state: %(main)s
        {{ else }}
        state: %(ended)s
        {{ end }}
      {{ end }}
"""
_RUNNING = "{running: {startedAt: {{ $now | Quote }}}}"
_ENDED = (
    "{terminated: {exitCode: 0, reason: Completed, "
    "startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}"
)
_DELETED = """\
    - key: '.metadata.deletionTimestamp'
      operator: 'Exists'
  next:
    delete: true
"""


def write_stages(path: Path) -> None:
    """Write the stages: nodes become ready, pods start and end when the player says so."""
    starts = _LIVING.format(phases="Pending", annotation=STARTED)
    ends = _LIVING.format(phases="Pending, Running", annotation=STORED)
    running = {"phase": "Running", "ready": "true", "main": _RUNNING, "ended": _ENDED}
    ended = {"phase": "Succeeded", "ready": "false", "main": _ENDED, "ended": _ENDED}
    path.write_text(
        _HEAD.format(name="node-is-ready", kind="Node")
        + _NODE
        + _HEAD.format(name="pod-starts", kind="Pod")
        + starts
        + _not(STORED)
        + _CONTAINERS % running
        + _HEAD.format(name="pod-ends", kind="Pod")
        + ends
        + _CONTAINERS % ended
        + _HEAD.format(name="pod-goes", kind="Pod")
        + _DELETED
    )


def _not(annotation: str) -> str:
    return f"""\
    - key: '.metadata.annotations["{annotation}"]'
      operator: 'DoesNotExist'
"""
