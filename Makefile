# The commands of the project; "make help" lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 8080
DATA ?= build/data
FUNCTIONS := $(notdir $(wildcard functions/*))
# The deployment's one compiler call; the architecture is the template's, or this
# machine's for the local system.
GOARCH_LOCAL := $(shell go env GOARCH)
GO_LAMBDA = CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w"

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## every function's bootstrap as it is deployed (arm64; ARCH=amd64 for x86_64)
	@$(MAKE) --no-print-directory bootstraps ARCH=$(or $(ARCH),arm64) OUT=build

.PHONY: build-local
build-local: ## every function's bootstrap for this machine, and the local system
	@$(MAKE) --no-print-directory bootstraps ARCH=$(GOARCH_LOCAL) OUT=build/local
	@cd infra/local && go build -trimpath -buildvcs=false -o ../../build/paht ./cmd/paht

# Each function into a folder of its own, from one compiler call: the build cache
# makes it one pass over what is shared.
.PHONY: bootstraps
bootstraps:
	@mkdir -p $(OUT) && set -e; for f in $(FUNCTIONS); do \
	  mkdir -p $(OUT)/$$f; GOARCH=$(ARCH) $(GO_LAMBDA) -o $(OUT)/$$f/bootstrap ./functions/$$f/lambda; done

.PHONY: run
run: build-local ## the whole system on this machine (PORT, DATA)
	@PORT=$(PORT) DATA=$(DATA) BUILD=build/local exec build/paht run
