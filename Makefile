# The project's contract: CI and users call the same commands.
PY := .venv/bin/python
CACHE := $(HOME)/.cache/eodh-jupyter
export EODH_SHARED ?= $(abspath ../shared)
LAB_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null) \
	labextension/package.json labextension/package-lock.json labextension/tsconfig.json
SYSTEM_PROGRAMS := bwrap busybox chromium ip podman psql runc mmdebstrap sshfs
SYSTEM_PACKAGES := bubblewrap busybox-static chromium fonts-dejavu-core libseccomp2 podman runc mmdebstrap \
	containernetworking-plugins iproute2 iptables postgresql sshfs openssh-sftp-server

.PHONY: run lab serve test check unit contract integration browser cluster-up cluster-down cluster-test conformance bench setup system clean

## Fresh machine to a result: environment, then the example through the embedded runner.
run: .venv/.ready examples/.ready
	@$(PY) examples/run.py

## JupyterLab on the example notebook.
lab: .venv/.ready examples/.ready
	EODH_CONTAINERS=host EODH_HOST_TOOLS="$$($(PY) -c 'import sys; print(sys.prefix + ":" + sys.base_prefix)')" EODH_DATA=$(abspath run) \
	.venv/bin/jupyter lab --notebook-dir=examples examples/vegetation-extent.ipynb

## A runner on loopback for outside clients; NO_AUTH=1 by name for test suites of others.
serve: .venv/.ready
	@mkdir -p run && test -s run/token || $(PY) -c "import secrets; print(secrets.token_urlsafe(32))" > run/token
	EODH_IDLE_TIMEOUT_S=0 .venv/bin/eodh-runner serve --data run/serve --tcp 127.0.0.1:$(or $(PORT),8123) \
	$(if $(NO_AUTH),--no-auth,--token-file run/token)

## The gate.
test: .venv/.ready system examples/.ready
	@$(PY) -m tests.cluster prepare || echo "the cluster's smoke run is skipped"
	$(PY) -m pytest

unit contract integration: .venv/.ready
	$(PY) -m pytest tests/$@

browser: .venv/.ready system
	$(PY) -m pytest tests/browser

## The real one-node Kubernetes with S3; prints where it is.
cluster-up cluster-down: .venv/.ready
	@$(PY) -m tests.cluster $(@:cluster-%=%)

## Every test on the real cluster, faults too.
cluster-test: .venv/.ready
	@$(PY) -m tests.cluster prepare
	EODH_CLUSTER_TESTS=all $(PY) -m pytest tests/cluster

conformance: .venv/.ready
	$(PY) -m tests.conformance --version $(or $(CWL),1.2) --executor $(or $(EXECUTOR),local) $(if $(REQUIRED),--required) $(if $(IMAGES),--images)

## The scoreboard; ONLY="objects schedule" for some of its subjects.
bench: .venv/.ready
	$(PY) -m bench $(ONLY)

## Format, lint, types, layers, TypeScript, no addresses in lock files.
check: .venv/.ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	cd labextension && npx --no-install tsc --noEmit && npm run --silent lint
	! grep -nE '"resolved": *"http|--(extra-)?index-url|^-i http' requirements.lock labextension/package-lock.json

setup: .venv/.ready

# Dependencies, then the labextension, then the project itself, editable.
.venv/.deps: requirements.lock
	test -x $(PY) || python3 -m venv .venv
	test -x .venv/bin/uv || $(PY) -m pip install -q uv
	.venv/bin/uv pip install -q --require-hashes -r requirements.lock
	touch $@

.venv/.ready: .venv/.deps pyproject.toml eodh_jupyter/labextension/package.json
	SKIP_JUPYTER_BUILDER=1 .venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
	touch $@

eodh_jupyter/labextension/package.json: .venv/.deps $(LAB_SOURCES)
	cd labextension && npm ci --silent
	rm -rf eodh_jupyter/labextension eodh_jupyter/display/card.js eodh_jupyter/display/card.css
	cd labextension && PATH="$(abspath .venv/bin):$$PATH" npm run --silent build:prod
	touch $@

examples/.ready: .venv/.ready examples/data-requirements.txt examples/fetch_data.py $(shell find examples/vegetation-extent/tools -name "*.py" -o -name pyproject.toml)
	.venv/bin/uv pip install -q --no-deps --no-build-isolation examples/vegetation-extent/tools
	$(PY) examples/fetch_data.py
	touch $@

## What the tests need of the system: installed by apt as root on Debian, else the tests say what they skip.
## In runlevel 1 no package starts a service.
system:
	@for program in $(SYSTEM_PROGRAMS); do command -v $$program >/dev/null || exit 1; done && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	  apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $(SYSTEM_PACKAGES) >/dev/null; } || \
	  echo "some of $(SYSTEM_PROGRAMS) are missing and cannot be installed here: their tests are skipped"

clean:
	rm -rf .venv run labextension/node_modules labextension/lib eodh_jupyter/labextension eodh_jupyter/display/card.css eodh_jupyter/display/card.js examples/.ready examples/data
