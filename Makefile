# The two commands are `make demo` and `make test`; `make` alone lists all.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo test check bench format lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

venv: $(READY)  ## make the virtual environment

demo: $(READY)  ## call the demo companies on real Asterisk and write build/report/index.html
	@$(BIN)/pbx lab run lab/sites/demo --report build/report

# The engine's tests run one after the other: on a saturated machine sound is lost at ten times the speed.
test: check  ## all checks and all tests
	@$(BIN)/python -m pytest -n 2 -m "not engine" --inline-snapshot=disable
	@$(BIN)/python -m pytest -m engine --inline-snapshot=disable

check: $(READY)  ## format, style, types and layers
	@$(BIN)/ruff format --check --quiet || { echo "some files are not formatted: make format"; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@mkdir -p build; $(BIN)/lint-imports --no-logo > build/layers.txt || { cat build/layers.txt; exit 1; }

bench: $(READY)  ## measure speed and memory of the compiler, and how fast Asterisk reloads
	@$(BIN)/python -m tests.bench --json build/bench.json

format: $(READY)  ## format the code
	@$(BIN)/ruff format --quiet

# Each line of the recipe looks for one thing, and says how to get it. Only ready wheels are installed, none is built
# here; every file is compared with the hashes in constraints.txt, and the build of our own package uses what came so.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is missing: sudo apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is $$($(PYTHON) -V): try make PYTHON=python3.12 $(or $(MAKECMDGOALS),venv)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo "python3-venv is missing: sudo apt-get install python3-venv"; exit 1; }
	@command -v apt-get > /dev/null || { echo "apt-get is missing: the laboratory fetches Asterisk with it, so use Debian or Ubuntu"; exit 1; }
	@command -v dpkg-deb > /dev/null || { echo "dpkg-deb is missing: sudo apt-get install dpkg"; exit 1; }
	@echo "making the virtual environment (once, about a minute)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --only-binary :all: --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p build
	@touch $@

lock:  ## write constraints.txt anew, with the newest versions (needs the network)
	@rm -rf build/lock
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@build/lock/bin/uv --quiet pip compile --universal --python-version 3.11 --upgrade --extra lab --extra dev \
	  --generate-hashes --only-binary :all: --no-emit-index-url --no-annotate --no-header --output-file build/lock/constraints.txt pyproject.toml
	@{ echo "# Every package with its version and the hashes of its files. Made by \`make lock\`; not edited by hand."; cat build/lock/constraints.txt; } > constraints.txt.new
	@mv constraints.txt.new constraints.txt

clean:  ## delete everything that can be made again
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find pbx lab tests -name __pycache__ -type d -prune -exec rm -rf {} +
