# Needs make, and Python 3.11 or newer with its venv module; everything else goes into .venv.
VENV := .venv
BIN := $(VENV)/bin
PORT := 8080
API := http://127.0.0.1:$(PORT)/api/v1
# Without the suites that have targets of their own.
QUICK := $(patsubst %,--ignore tests/%,adversity airflow browser examples readme)
# CI installs what config/constraints*.txt name, by hash, as does `make test LOCKED=1`. By default pip takes the newest
# versions that setup.cfg allows, which also works on a Python that the files do not cover.
LOCKED := $(CI)
LOWEST := .lowest
PYTHON := $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Without bytecode each of the many processes of the tests would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-browser test-lowest check fuzz soak test-airflow airflow-facts bench demo dist constraints clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf 'make %-14s %s\n' "$$name" "$$text"; done

run: $(VENV)/.run ## serve example DAGs from a temporary database (PORT=8081 for another port)
	@printf '%s\n' 'Try, in another terminal:' '' \
		"  curl '$(API)/dags'" \
		"  curl '$(API)/dag_runs' --data '{\"dag_id\": \"hello\", \"prefix\": \"first\", \"start_date\": \"2017-09-01\", \"end_date\": \"2017-09-10T23:59:59\"}'" \
		"  curl '$(API)/dag_runs?prefix=first_'" ''
	@$(BIN)/dagrun-api serve --demo --port $(PORT)

test: $(VENV)/.dev ## run the tests, on all processors
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(QUICK)

test-browser: $(VENV)/.dev ## run the tests of the page in Chromium and Firefox
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal tests/browser

# The second resolution keeps the versions that stand in its output file, except where the oldest ones exclude them. So
# the tools are those of CI.
test-lowest: $(VENV)/.dev ## run the most telling tests with the oldest dependencies that setup.cfg allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile --quiet --no-deps --resolution lowest-direct --extra progress --output-file $(LOWEST)/oldest.txt setup.cfg
	cp config/constraints-dev.txt $(LOWEST)/all.txt
	$(BIN)/uv pip compile --quiet --extra test --constraint $(LOWEST)/oldest.txt --output-file $(LOWEST)/all.txt setup.cfg
	$(BIN)/uv pip install --quiet --python $(LOWEST) --requirement $(LOWEST)/all.txt \
		--build-constraint config/constraints-build.txt --editable .
	$(LOWEST)/bin/python -m pytest --numprocesses auto --dist worksteal tests/contract tests/http tests/unit

check: $(VENV)/.dev ## check format, style, types and imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src backends tests
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/hadolint config/Dockerfile

fuzz: $(VENV)/.dev ## send random input for some minutes (DAGRUN_API_TEST_SEED=2 for other input)
	$(BIN)/python -m pytest tests/hostile tests/unit/timetables -m fuzz -s

soak: $(VENV)/.dev ## kill, cut off and overload services and databases, and try every layout
	DAGRUN_API_TEST_FULL=1 $(BIN)/python -m pytest tests/adversity -m 'soak or not soak'
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal tests/contract -m soak

test-airflow: $(VENV)/.dev ## run the tests against real Airflow releases, which it downloads
	$(BIN)/python -m pytest tests/airflow -m airflow

# Old releases need packages of their time and an old Python: RELEASE=2.2.5 NEWEST=2022-04-20 ON_PYTHON=3.8
airflow-facts: $(VENV)/.dev ## write down what the tests need to know of an Airflow release (RELEASE=3.5.0)
	@test -n '$(RELEASE)' || { echo 'Say which Airflow release: make airflow-facts RELEASE=3.5.0' >&2; exit 1; }
	@$(BIN)/python -m tests.airflow.facts '$(RELEASE)' --newest '$(NEWEST)' --python '$(ON_PYTHON)'

bench: $(VENV)/.dev ## compare the service with bare drivers, and the schedule engine with croniter
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.timetables

demo: $(VENV)/.dev ## let a real Airflow scheduler execute a batch
	$(BIN)/python -m tests.airflow.demo

dist: $(VENV)/.dev ## build wheel, sdist and SBOM into dist/, and try them, the READMEs and the examples
	$(BIN)/python -m tests.distribution
	$(BIN)/python -m pytest tests/readme tests/examples tests/plugin -m 'dist or not dist'

# For every Python from 3.11 on and every platform at once, which is why uv resolves and not pip.
constraints: $(VENV)/.dev ## pin the newest dependencies that setup.cfg allows in config/constraints*.txt
	$(PIN) --extra uvloop --extra progress --output-file config/constraints.txt setup.cfg
	$(PIN) --extra dev --constraint config/constraints.txt --output-file config/constraints-dev.txt setup.cfg
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(PIN) --no-annotate --output-file config/constraints-build.txt -

clean: ## remove everything that make has made, except databases
	rm -rf $(VENV) $(LOWEST) .airflow build dist .coverage .*_cache .hypothesis *.egg-info
	find src backends tests -name __pycache__ -prune -exec rm -rf {} +

PIN = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make constraints'

# Two stamps, so that the first `make run` does not wait for the tools of development.
$(VENV)/.run: setup.cfg pyproject.toml $(if $(LOCKED),$(wildcard config/constraints*.txt)) | $(BIN)/pip
	@echo 'Installing into $(VENV) …'
	@$(call install,constraints.txt,.)
	@touch $@

$(VENV)/.dev: setup.cfg pyproject.toml $(if $(LOCKED),$(wildcard config/constraints*.txt)) | $(BIN)/pip
	@echo 'Installing into $(VENV), with the tools for tests and checks …'
	@$(call install,constraints-dev.txt,'.[dev]')
	@touch $@ $(VENV)/.run

# No hash can cover the clone itself. Whatever is built here is built with the setuptools of constraints-build.txt.
BY_HASH = $(BIN)/pip install --quiet --require-hashes --requirement
install = $(if $(LOCKED),\
	$(BY_HASH) config/constraints-build.txt \
	&& $(BY_HASH) config/$(1) --no-build-isolation --use-pep517 \
	&& $(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .,\
	$(BIN)/pip install --quiet --editable $(2))

# Debian splits venv and pip off Python: either of python3-venv, python3-pip and uv will do.
$(BIN)/pip:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed, and none was found.' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
		|| { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(VENV) install --quiet pip; } >/dev/null 2>&1 \
		|| uv venv --quiet --clear --seed --python $(PYTHON) $(VENV) 2>/dev/null \
		|| { rm -rf $(VENV); echo 'The venv module of $(PYTHON) is missing: sudo apt-get install python3-venv' >&2; exit 1; }
