# Short names for what builders do often. PYTHON is the interpreter of an environment with the extra `dev`.
PYTHON ?= python3
MKDOCS ?= $(PYTHON) -m mkdocs

.PHONY: help fuzz check test test-all test-fast generated docs-pages docs docs-serve screenshot new-rule new-tool release-transformers release-peft release-engine playground

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

check:  ## format, lint, types, layers
	$(PYTHON) -m ruff format --check . && $(PYTHON) -m ruff check . && $(PYTHON) -m mypy && \
		$(PYTHON) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

test-fast:  ## the quick tests, for the inner loop: rules, tools, documents, options, pages
	$(PYTHON) -m pytest -q -n 2 -m "not slow"

test:  ## the suite, torch and peft included, with a day's share of the long tests
	$(PYTHON) -m pytest -q -n 2

test-all:  ## every test
	LORACHECK_EXHAUSTIVE=1 $(PYTHON) -m pytest -q -n 2

MINUTES ?= 30
fuzz:  ## MINUTES=30: every door of fuzz/ in turn (extra `fuzz`)
	$(PYTHON) -m fuzz --minutes $(MINUTES)

generated:  ## everything that is made from the code: schemas, hooks file, pages
	$(PYTHON) -m loracheck.config.generate
	$(PYTHON) -m loracheck.tools.core.build_index
	$(PYTHON) -m loracheck.tools.core.schema
	$(PYTHON) -m loracheck.explain.schema
	$(PYTHON) -m loracheck.options.hooks > .pre-commit-hooks.yaml
	$(PYTHON) -m loracheck.options.schema > schemas/loracheck.schema.json
	$(PYTHON) -m loracheck.policies.setting_schema > schemas/setting.schema.json
	$(PYTHON) -m dev.schemastore
	$(PYTHON) -m loracheck.cli.quick_help
	$(PYTHON) -m dev.pages  # last: pages list what the files above hold

docs-pages:  ## the pages of docs/ that are made from rules, fields and dialects, and README's count
	$(PYTHON) -m dev.pages

docs: docs-pages  ## the site, into site/ (extra `docs`)
	$(MKDOCS) build --strict

playground:  ## the site with the playground, from npm packages (node; extras `docs`, `test`)
	cd playground && npm ci --ignore-scripts --no-audit --no-fund
	node playground/build.mjs $(PYTHON) build/playground
	LORACHECK_PLAYGROUND=build/playground $(MAKE) docs PYTHON=$(PYTHON)

vscode:  ## editors/vscode/loracheck.vsix, from npm packages (node)
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run types && npm run build && npm run package

docs-serve:  ## the site on http://127.0.0.1:8000, rebuilt as files change
	$(MKDOCS) serve

screenshot:  ## docs/images/check.svg from a real run (extra `docs`)
	$(PYTHON) -m dev.screenshot

new-rule:  ## CODE=LC2xx NAME=what-is-wrong: the two files of a new rule
	$(PYTHON) -m dev.new_rule "$(CODE)" "$(NAME)"

new-tool:  ## NAME=some-tuner: the two files of a new tool
	$(PYTHON) -m dev.new_tool "$(NAME)"

release-transformers:  ## VERSION=X.Y.Z: makes that release known: exactness, bundle, report in docs/releases
	$(PYTHON) -m dev.release transformers "$(VERSION)" $(if $(ENVIRONMENT),--python "$(ENVIRONMENT)")
	$(MAKE) generated PYTHON=$(PYTHON)

release-peft:  ## VERSION=X.Y.Z: makes that release known: tables, report in docs/releases
	$(PYTHON) -m dev.release peft "$(VERSION)" $(if $(ENVIRONMENT),--python "$(ENVIRONMENT)")
	$(MAKE) generated PYTHON=$(PYTHON)

release-engine:  ## ENGINE=vllm VERSION=X.Y.Z: reads that release's sources (remotezip), makes it known, prints what changed
	$(PYTHON) -m bench.engine_facts --engine "$(ENGINE)" --version "$(VERSION)" --add
	$(MAKE) docs-pages PYTHON=$(PYTHON)
	$(PYTHON) -m pytest -q tests/engines/test_engine_facts.py tests/engines/test_data.py
