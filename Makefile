# The steps of CI, by name. `make test` runs all of them in CI's order and stops at the first that fails.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help

# What is built first, in two lanes beside each other; then what runs, one after the other, as much of it looks at the
# clock.
CHECKS := format layering length traps
BUILDS := build | $(CHECKS) core-debug embedded fuzz-build
STEPS := release conformance example nginx pipeline clients faults terminal manual tuf packages fuzz-smoke

# The conformance data is not in this repository; a step that needs it says when it is not there.
WRIT_CONFORMANCE ?= ../shared/conformance
export WRIT_CONFORMANCE := $(abspath $(WRIT_CONFORMANCE))
export TZ := UTC

# Rings 1 and 2 and the façade have no outside packages: their own scratch folder keeps the inner loop short.
CORE := WRIT_SCOPE=core swift
CORE_FLAGS := --scratch-path .build-core
TEST_FLAGS := --disable-xctest

# What is built to be tested and tried. The C++ of others is compiled in the quickest way: two copies of BoringSSL are a
# sixth of a first build. What is shipped (`dist/writ`) and measured is not.
RELEASE_FLAGS := -c release -Xcxx -O0
CORE_TARGETS := $(notdir $(wildcard Sources/Core/* Sources/Language/*)) Writ
empty :=
CORE_TESTS := ^($(subst $(empty) $(empty),|,$(CORE_TARGETS)))Tests[.]

EXAMPLE := examples/m2m/policy examples/m2m/data

.PHONY: help test run bench dist deb oci ratchet format-fix services core-release FORCE $(subst |,,$(BUILDS)) $(STEPS)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## All steps of CI, in its order
	@scripts/run-steps '$(BUILDS)' $(STEPS)

format: ## Swift formatting is as .swift-format says
	@scripts/check-format

layering: ## Each target imports only what its row of the table allows
	@scripts/check-layering

length: ## No Swift file is over 800 lines
	@scripts/check-length

traps: ## Nothing in Sources ends the process because of its input
	@scripts/check-traps

core-debug: ## Tests of rings 1 and 2 and the façade, debug build
	$(CORE) test $(CORE_FLAGS) $(TEST_FLAGS)

release: ## All tests, those of commands and services too, release build
	swift test $(RELEASE_FLAGS) $(TEST_FLAGS)

# `test list` builds with the flags of the release step, so that its build is used again.
BUILT := .build-ci/tests.log
$(BUILT): FORCE
	@mkdir -p .build-ci
	@swift test list $(RELEASE_FLAGS) $(TEST_FLAGS) > $@ 2>&1 || { cat $@; exit 1; }

build: $(BUILT) ## All targets and all tests, release build: what the steps after it run

conformance: ## OPA's answers to the questions in WRIT_CONFORMANCE; what passed once must go on passing
	@if [ -d "$(WRIT_CONFORMANCE)" ]; then \
	    $(MAKE) --no-print-directory $(BUILT) && .build/release/writ-conformance --list Tests/Conformance/passing.txt; \
	else \
	    echo "skipped: no conformance data at $(WRIT_CONFORMANCE) (set WRIT_CONFORMANCE)"; \
	fi

# What `make deb` and `make oci` package: `make deb PACKAGED=FILE` takes an executable that is there already.
PACKAGED ?= dist/writ

dist: deb oci ## dist/: one stripped file with Swift's libraries in it, for this kind of machine, and its packages

# The tests and fuzzers of all the code run with the checks of exclusive access at run time; what is shipped goes without
# them, as every step of a request would pay for some.
dist/writ: FORCE
	@mkdir -p dist
	WRIT_STATIC=1 swift build -c release --scratch-path .build-dist --product writ -Xswiftc -enforce-exclusivity=unchecked
	strip -o dist/writ .build-dist/release/writ

deb: $(PACKAGED) ## dist/*.deb: a Debian package with a systemd unit
	packaging/build deb --writ $(PACKAGED)

oci: $(PACKAGED) ## dist/*.oci: an image for containers, as a folder and as a .tar
	packaging/build oci --writ $(PACKAGED)

ratchet: $(BUILT) ## Notes in Tests/Conformance/passing.txt what passes now
	.build/release/writ-conformance --list Tests/Conformance/passing.txt --update

embedded: ## Rings 1 and 2 compile as Embedded Swift for wasm32; ring 1 links in a smoke program
	WRIT_EMBEDDED=1 swift build -c release --triple wasm32-unknown-none-wasm --scratch-path .build-wasm
	@if [ -x Embedded/build ]; then Embedded/build; else echo "skipped: the smoke program (no Embedded/build)"; fi

services: ## Tests of everything above the façade, debug build (not in CI: its release step has them)
	swift test $(TEST_FLAGS) --skip '$(CORE_TESTS)'

core-release: ## Tests of rings 1 and 2 and the façade alone, release build (not in CI either)
	$(CORE) test -c release $(CORE_FLAGS) $(TEST_FLAGS)

example: $(BUILT) ## The example's own tests, and its server asked every request
	examples/m2m/check .build/release/writ

nginx: $(BUILT) ## A real nginx that asks a server about each request
	examples/nginx/check .build/release/writ

pipeline: $(BUILT) ## Policies from their repository to production, and what stops bad ones at each gate
	examples/pipeline/check .build/release/writ

clients: $(BUILT) ## The server by curl, opa-python-client, a collector of spans, its dashboard and its description; a registry
	Tests/Clients/transports .build/release/writ
	Tests/Clients/python-client .build/release/writ
	Tests/Clients/traces .build/release/writ
	Tests/Clients/dashboards .build/release/writ
	Tests/Clients/described .build/release/writ
	Tests/Clients/registry .build/release/writ

faults: $(BUILT) ## What a bad day brings: servers that are down, slow or lying, a full disk, kill -9 meanwhile
	Tests/Faults/bundles .build/release/writ
	Tests/Faults/decisions .build/release/writ
	Tests/Faults/connections .build/release/writ

terminal: $(BUILT) ## Conversations on a terminal: the shell, watched files, progress, completion
	Tests/Terminal/run .build/release/writ

manual: $(BUILT) ## What the help of commands and the documentation tell to type
	Tests/Manual/run .build/release/writ

tuf: $(BUILT) ## The Python package tuf reads what `writ trust` makes (skipped where pip cannot get it)
	scripts/check-tuf .build/release/writ

# The executable of the step `release`, with Swift's libraries put beside it: linking them in means building all again.
packages: $(BUILT) ## The .deb installed, run as its user and removed; the image read, unpacked and run
	packaging/check .build/release/writ

fuzz-build: ## One program with all fuzz targets, under the address sanitizer
	Fuzz/build

fuzz-smoke: ## Each fuzz target for a short time
	Fuzz/smoke

run: ## Builds for release and serves the example on localhost:8181
	swift run $(RELEASE_FLAGS) writ run --server $(EXAMPLE)

bench: ## Benchmarks, release build
	@if [ -x Benchmarks/run ]; then Benchmarks/run; else echo "no Benchmarks/run"; exit 1; fi

format-fix: ## Mends formatting in place
	@scripts/check-format --fix
