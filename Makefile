# Each target first installs what it needs into .venv, with the versions in uv.lock: `app` the
# runtime, `web` and `bench` an extra too, `test` and `lint` everything. No target removes packages
# that another installed; `make clean` removes all.

# Who may connect: this machine only, or everyone with HOST=0.0.0.0.
HOST ?= localhost
PORT ?= 8501
WEB_PORT ?= 8502
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
BIN := .venv/bin
READY := .venv/.ready
# The project itself is not installed: it runs from the clone.
SYNC = $(UV) sync --frozen --no-install-project
# Number of processes for tests that need neither a browser nor exact timing.
JOBS ?= 2
# Where to look for examples in docstrings. Pages are scripts that run when imported.
DOCTESTS := realtime models --ignore=realtime/pages --ignore-glob=*/__main__.py
# Only MediaPipe's networks are read, never its code: so the current NumPy and protobuf stay, and
# one wheel serves every Python and platform.
MEDIAPIPE = $(UV) pip install --quiet --no-deps --python-version 3.12 \
	--python-platform x86_64-manylinux_2_28 $(shell grep -o '^mediapipe==[0-9.]*' requirements.txt)
# Tests that depend on timing. With RETRY=1, for machines that others share, those that fail run once
# more, and the output says so.
TIMED = -m "browser or serial" --durations 25
LAST_FAILED = --last-failed --last-failed-no-failures none
RETRY ?=
# The product's tests that need neither data sets nor a browser.
PRODUCT_TESTS = -m "not (browser or data or serial or mediapipe)" -n $(JOBS) --dist loadfile \
	--hypothesis-profile few --ignore=tests/benchmarks --ignore=tests/fuzz --ignore=tests/training

.PHONY: app web test test-mediapipe bench soak fuzz lint format audit sbom sbom-file requirements wheel \
	package docs clean

app: .venv/.app
	$(BIN)/python -m streamlit run stream_app.py --server.address $(HOST) --server.port $(PORT)

web: .venv/.extra-web
	$(BIN)/python -m realtime.web --host $(HOST) --port $(WEB_PORT)

bench: .venv/.extra-bench
	$(BIN)/python -m benchmarks latency
	$(BIN)/python -m benchmarks stream

# Viewers come and go; fails if the server keeps anything of them.
MINUTES ?= 10
soak: .venv/.extra-bench
	$(BIN)/python -m benchmarks soak --minutes $(MINUTES)

# ARGS selects tests: make test ARGS="tests/track -k lost"
test: $(READY)
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(BIN)/python -m pytest -m "not (browser or serial or mediapipe)" -n $(JOBS) --dist loadfile --durations 25
	$(BIN)/python -m pytest $(TIMED) || { test $$? = 1 && test -n "$(RETRY)" \
		&& echo "SECOND TRY of the tests that failed: mend them even if they pass now." \
		&& $(BIN)/python -m pytest $(TIMED) $(LAST_FAILED); }
	$(BIN)/python -m pytest --doctest-modules $(DOCTESTS)
endif

# Damaged input for every door, each for so many seconds; other inputs with another SEED.
SECONDS ?= 60
SEED ?= 0
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED)

# The product's tests on another Python: make test-on-3.13.
test-on-%: .venv-%/.ready
	.venv-$*/bin/python -m pytest $(PRODUCT_TESTS)
	.venv-$*/bin/python -m pytest --doctest-modules $(DOCTESTS)

# The product's tests with the older versions that MediaPipe's own code needs, and in
# requirements.txt, and the tests that run that code.
test-mediapipe: .venv-mediapipe/.ready
	.venv-mediapipe/bin/python -m pytest $(PRODUCT_TESTS)
	.venv-mediapipe/bin/python -m pytest -m mediapipe

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(MAKE) --silent requirements | diff -u requirements.txt - \
		|| { echo "requirements.txt does not match uv.lock: run make requirements > requirements.txt"; exit 1; }

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Prints requirements.txt: the runtime, all extras but Ray, and pytest.
requirements: | $(UV)
	@.ci/requirements $(UV)

# Known vulnerabilities of the packages in requirements.txt.
audit: | $(UV)
	@.ci/audit $(UV)

# Prints a software bill of materials of the runtime and all extras, in CycloneDX 1.5.
sbom: | $(UV)
	@$(UV) export --quiet --frozen --no-emit-project --all-extras --no-default-groups --no-extra mediapipe \
		--group current --format cyclonedx1.5 --preview-features sbom-export

sbom-file: | $(UV)
	@mkdir -p dist
	@$(MAKE) --silent sbom > dist/facestream.cdx.json

# Builds dist/facestream-*.whl and the source distribution.
package: | $(UV)
	rm -rf dist
	$(UV) build --quiet

# Builds the documentation into site/; warnings are errors.
docs: pyproject.toml uv.lock | $(UV)
	$(SYNC) --inexact --all-extras --no-extra mediapipe --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

# Builds dist/facestream-*.whl.
wheel: | $(UV)
	rm -rf dist
	$(UV) build --wheel --quiet

# Installs the runtime and one extra of pyproject.toml: extra-web, extra-train, extra-events…
extra-%: .venv/.extra-% ;

.venv/.app: pyproject.toml uv.lock | $(UV)
	$(SYNC) --inexact --no-default-groups --group current
	@touch $@

.venv/.extra-mediapipe: requirements.txt .venv/.app
	$(MEDIAPIPE) --python .venv
	@touch $@

.venv/.extra-%: pyproject.toml uv.lock | $(UV)
	$(SYNC) --inexact --no-default-groups --group current --extra $*
	@touch $@ .venv/.app

$(READY): pyproject.toml uv.lock | $(UV)
	$(SYNC) --inexact --all-extras --no-extra mediapipe
	$(MEDIAPIPE) --python .venv
	@touch $@ .venv/.app $(addprefix .venv/.extra-,web bench train mtcnn events archive cluster serve mediapipe)

.venv-mediapipe: .venv-mediapipe/.ready ;

.venv-mediapipe/.ready: pyproject.toml uv.lock | $(UV)
	UV_PROJECT_ENVIRONMENT=.venv-mediapipe $(SYNC) --all-extras --no-group current \
		--python $(or $(shell .ci/python 3.11),$(shell .ci/python 3.12),3.12)
	@touch $@

.venv-%/.ready: pyproject.toml uv.lock | $(UV)
	UV_PROJECT_ENVIRONMENT=.venv-$* $(SYNC) --all-extras --no-extra mediapipe \
		--python $(or $(shell .ci/python $*),$*)
	$(MEDIAPIPE) --python .venv-$*
	@touch $@

.uv/bin/uv:
	python3 -m pip install --quiet --target .uv uv 2>/dev/null \
		|| { python3 -m venv .uv && .uv/bin/python -m pip install --quiet uv; }

clean:
	rm -rf .venv .venv-* .uv dist
