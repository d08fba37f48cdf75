# SPDX-License-Identifier: Apache-2.0
# Two commands do it all: `make run` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CARGO ?= cargo
DATA_DIR ?= data
LISTEN ?= 127.0.0.1:8080

RUST_SOURCES := $(shell find crates -name '*.rs' -o -name '*.toml' -o -name '*.sql' 2>/dev/null) Cargo.toml Cargo.lock
WEB_SOURCES := $(shell find web/src web/static web/messages web/scripts -type f -not -path '*/paraglide/*' 2>/dev/null) \
  $(wildcard web/*.json web/*.ts web/*.js) docs/openapi.json

.PHONY: help setup setup-test build run test bench screenshots clean

help:
	@echo 'make run          build and start Voz do Povo (http://$(LISTEN), data in ./$(DATA_DIR))'
	@echo 'make test         every check there is'
	@echo 'make build        build the server, the voice client and the web client'
	@echo 'make bench        measure, into target/bench/results.json'
	@echo 'make screenshots  every screen, into target/screenshots/'

# What building needs; installs it as root, else prints the one command to run.
setup:
	@scripts/setup build

# What the tests need on top.
setup-test: setup
	@scripts/setup test

# What the lock file says; not `npm ci`, which refuses a lock without the optional programs of other
# operating systems, and no registry had them all when it was made.
web/node_modules/.installed: web/package.json web/package-lock.json
	cd web && npm install --no-save --no-audit --no-fund
	@touch $@

web/build/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

target/release/voz: web/build/index.html $(RUST_SOURCES)
	$(CARGO) build --release --locked --bin voz --bin voz-client
	@touch target/release/voz target/release/voz-client

build: setup target/release/voz

run: build
	@target/release/voz serve --data-dir $(DATA_DIR) --listen $(LISTEN)

test: setup-test
	@scripts/test

bench: setup-test build
	@scripts/bench

screenshots: setup-test build
	@cd web && npm run --silent screenshots

clean:
	rm -rf target web/build web/node_modules web/.svelte-kit
