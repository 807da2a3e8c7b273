# Each target first sets up what it needs: uv if it is missing, then .venv as uv.lock says.
PORT ?= 8501
WEB_PORT ?= 8502
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: app web test bench lint format requirements clean

app: $(READY)
	$(BIN)/python -m streamlit run stream_app.py --server.port $(PORT)

web: $(READY)
	$(BIN)/python -m realtime.web --port $(WEB_PORT)

test: $(READY)
	$(BIN)/python -m pytest $(ARGS)

bench: $(READY)
	$(BIN)/python -m benchmarks latency
	$(BIN)/python -m benchmarks stream

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(MAKE) --silent requirements | diff -u requirements.txt - \
		|| { echo "requirements.txt is older than uv.lock: make requirements > requirements.txt"; exit 1; }

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Prints requirements.txt; what never applies to any machine is left out.
requirements: | $(UV)
	@echo "# Made from uv.lock. Install with: pip install --no-deps -r requirements.txt"
	@$(UV) export --quiet --frozen --no-dev --no-hashes --no-annotate --no-header | grep -v "'never'"

$(READY): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen
	@touch $@

.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/python -m pip install --quiet uv

clean:
	rm -rf .venv .uv
