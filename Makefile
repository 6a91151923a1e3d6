# What a person types. The building itself is meson's; `make help` lists the targets.
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
BENCH ?=
KIND ?=
TEST ?=

# Debian's own python3 has pytest; another one may come first in PATH.
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
MESON_OPTIONS := --buildtype=release -Doptimization=2 -Dtests=false

.DEFAULT_GOAL := build
.PHONY: run build test check lab lab-shell lab-clean fuzz bench lint format install help

run: ## build, then show this machine, or, where it has nothing to lend, the whole job on an emulated one
	@tools/need run
	@$(MAKE) --no-print-directory build
	@tools/run

build: build/build.ninja ## make build/pcilend, optimised
	@ninja -C build --quiet
	@ln -sf src/pcilend build/pcilend

build/build.ninja:
	@mkdir -p build
	@meson setup build $(MESON_OPTIONS) --prefix="$(PREFIX)" >build/setup.log 2>&1 || { cat build/setup.log; exit 1; }

test: ## everything, with sanitizers, on emulated hosts too; the last line sums up
	@tools/need test
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/run.py

check: ## the same without the slow tests and the lab: under three minutes
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/run.py --quick

lab: ## all emulated hosts with an IOMMU and cards to lend (KIND=twins, TEST=kernel: some of it)
	@tools/need lab
	@$(MAKE) --no-print-directory build
	@LAB_KIND="$(KIND)" $(PYTHON) tests/run.py --lab --test="$(TEST)"

lab-shell: ## a console on such a host (KIND=twins; quick without)
	@tools/need lab
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/lab/run.py shell $(KIND)

lab-clean: ## remove the lab's images, saved hosts and logs
	@$(PYTHON) tests/lab/run.py clean

fuzz: ## libFuzzer, FUZZ_SECONDS for each target (make fuzz FUZZ_SECONDS=1800)
	@tools/need fuzz
	@$(PYTHON) tests/fuzz/run.py --seconds "$(FUZZ_SECONDS)"

bench: ## pcilend beside its floor and lspci on machines of 64 to 100,000 functions (BENCH=--quick: to 10,000)
	@tools/need bench
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/bench/run.py $(BENCH)

lint: ## clang-tidy and cppcheck
	@tools/need lint
	@$(PYTHON) tests/checks/lint.py

format: ## clang-format over src and tests
	@find src tests -name '*.[ch]' ! -path tests/bench/floor.c -exec clang-format -i {} +

install: build ## honours PREFIX and DESTDIR
	@meson configure build -Dprefix="$(PREFIX)"
	@ninja -C build --quiet
	@DESTDIR="$(DESTDIR)" meson install -C build --no-rebuild

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
