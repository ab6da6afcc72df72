# The front door. Every target does its own set-up: on a fresh Debian 12 nothing comes first.
.DEFAULT_GOAL := help
.PHONY: help run demo autoscale build install package package-test test check bench load-tools reports fuzz lint format clean

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 600
BENCH_ARGS ?=
REPORT_ARGS ?=
DEMO_SECONDS ?= 0
AUTOSCALE_ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
PACKAGE_RELEASE ?= 1

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Serve 127.0.0.1:7017 with counters in memory
	@scripts/install-packages build
	@scripts/build release turnomatic
	exec build/release/turnomatic

demo: ## Two instances on Redis behind HAProxy, watched and under load, until Ctrl-C or for DEMO_SECONDS
	@scripts/install-packages build demo
	@scripts/build release turnomatic turnomatic-bench
	@exec /usr/bin/python3 deploy/demo/demo.py --seconds $(DEMO_SECONDS)

autoscale: ## Instances that follow a load by the autoscaler's rule, writes docs/reports; five minutes
	@scripts/install-packages build autoscale
	@scripts/build release turnomatic turnomatic-bench
	@exec /usr/bin/python3 deploy/local/autoscale.py $(AUTOSCALE_ARGS)

build: ## Build turnomatic and turnomatic-bench in build/release/
	@scripts/install-packages build
	@scripts/build release turnomatic turnomatic-bench

install: ## Build and install below PREFIX (/usr/local); DESTDIR is put in front of every path
	@scripts/install-packages build
	@scripts/build release turnomatic turnomatic-bench reference
	@DESTDIR="$(abspath $(DESTDIR))" cmake --install build/release --prefix "$(abspath $(PREFIX))"

package: ## Build the Debian packages turnomatic and turnomatic-bench in build/packages/
	@scripts/install-packages build package
	@scripts/package $(PACKAGE_RELEASE)

package-test: ## lintian; install, upgrade, remove and purge the packages in a machine of their own (root)
	@scripts/install-packages build package package-test
	@/usr/bin/python3 -B tests/deploy/package/package_test.py

test: ## Every test: release, both sanitizer builds, a short run of the fuzzers, the checks of the tree
	@scripts/install-packages build test deploy fuzz
	@JOBS=$(JOBS) scripts/test-all

check: ## The quick loop: a debug build and its tests
	@scripts/install-packages build test
	@scripts/build dev
	@ctest --preset dev -j $(JOBS)

bench: ## Compare with the floor and the peers, writes docs/benchmarks; then load-tools
	@scripts/install-packages build bench
	@scripts/build release turnomatic turnomatic-bench floor fill_counters
	@/usr/bin/python3 tests/perf/compare.py $(BENCH_ARGS)
	@/usr/bin/python3 tests/perf/generators.py
	@/usr/bin/python3 tests/perf/load_tools.py

load-tools: ## Run the usual load generators against the server, each once and shortly
	@scripts/install-packages build bench
	@scripts/build release turnomatic
	@/usr/bin/python3 tests/perf/load_tools.py

reports: ## Measure what docs/reports tells and write it anew, a quarter of an hour (REPORT_ARGS)
	@scripts/install-packages build bench reports
	@scripts/build release turnomatic turnomatic-bench floor delay_proxy
	@/usr/bin/python3 tests/perf/reports/reports.py $(REPORT_ARGS)

fuzz: ## Run each fuzzer for FUZZ_SECONDS (600)
	@scripts/install-packages build fuzz
	@scripts/build fuzz fuzzers
	@scripts/fuzz $(FUZZ_SECONDS)

lint: ## clang-format, clang-tidy, luac, luacheck, shellcheck, yamllint and the checks of the tree
	@scripts/install-packages build test lint
	@scripts/lint

format: ## Format the sources
	@scripts/install-packages lint
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

clean: ## Remove the build directory
	rm -rf build
