# The commands of the project; "make help" lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 8080
DATA ?= build/data
FUNCTIONS := $(notdir $(wildcard functions/*))
GO_LAMBDA = CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w"
PAHT = DATA=$(DATA) build/paht
LINT = build/golangci-lint

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: build
build: ## every function's bootstrap as it is deployed (arm64; ARCH=amd64 for x86_64)
	@$(MAKE) --no-print-directory bootstraps ARCH=$(or $(ARCH),arm64) OUT=build

.PHONY: build-local
build-local: ## every function's bootstrap for this machine, and the local system
	@$(MAKE) --no-print-directory bootstraps ARCH=$(shell go env GOARCH) OUT=build/local
	@cd infra/local && go build -trimpath -buildvcs=false -o ../../build/paht ./cmd/paht

# The deployment's one compiler call, a function at a time into a folder of its
# own; what they share is compiled once.
.PHONY: bootstraps
bootstraps:
	@set -e; for f in $(FUNCTIONS); do \
	  mkdir -p $(OUT)/$$f; GOARCH=$(ARCH) $(GO_LAMBDA) -o $(OUT)/$$f/bootstrap ./functions/$$f/lambda; done

# The pages are built anew when a source of theirs, or the API, has changed.
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null) shared/contract/openapi.yaml

web/node_modules/.package-lock.json: web/package-lock.json
	@cd web && npm ci --no-audit --no-fund --loglevel=error

build/web/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	@cd web && npm run --silent build && touch ../build/web/index.html

.PHONY: web
web: build/web/index.html ## the pages

.PHONY: run
run: build-local web ## the whole system on this machine (PORT, DATA; PROVINCE=none for an empty one)
	@PORT=$(PORT) BUILD=build/local exec env DATA=$(DATA) build/paht run

.PHONY: seed
seed: build-local ## reports of the last months in every state, made in the running system, or in DATA at rest (REPORTS)
	@BUILD=build/local $(PAHT) seed $(REPORTS)

.PHONY: demo
demo: build-local ## play a report's way over HTTP (its own start, or ADDRESS= of a running system)
	@BUILD=build/local build/paht demo

.PHONY: aws
aws: build-local ## the embedded AWS alone; prints its variables
	@build/paht aws

.PHONY: admin
admin: ## make the first administrator of a running system (LOGIN, EMAIL, NAME; DATA)
	@test -n "$(LOGIN)" -a -n "$(EMAIL)" -a -n "$(NAME)" || { echo "say LOGIN=, EMAIL= and NAME="; exit 1; }
	@$(PAHT) invoke admin '{"operation":"first-administrator","logIn":"$(LOGIN)","email":"$(EMAIL)","name":"$(NAME)"}'

.PHONY: import
import: ## directory, categories, calendar, boundary, authorities, texts from the files of DIR, as LOGIN (DRY=1 only says what would change; ADDRESS)
	@test -n "$(DIR)" -a -n "$(LOGIN)" || { echo "say DIR= and LOGIN="; exit 1; }
	@mkdir -p build && go build -o build/import ./infra/intake/command
	@ADDRESS="$(or $(ADDRESS),http://localhost:$(PORT))" LOGIN="$(LOGIN)" build/import $(if $(filter-out 0,$(DRY)),-dry) "$(DIR)"

.PHONY: queues
queues: ## what is in the queues of a running system (DATA)
	@$(PAHT) queues

.PHONY: redrive
redrive: ## send a queue's dead letters back to it (QUEUE, DATA)
	@test -n "$(QUEUE)" || { echo "say QUEUE="; exit 1; }
	@$(PAHT) redrive $(QUEUE)

.PHONY: verify
verify: ## check every report of a running system (FROM, TO: days; DATA)
	@$(PAHT) verify $(FROM) $(TO)

.PHONY: generate
generate: ## write what is generated: the description of the API
	@go run ./infra/openapi > build/openapi.yaml && mv build/openapi.yaml shared/contract/openapi.yaml

.PHONY: lint
lint: $(LINT) ## the linters, with the reasoned configuration
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	@$(LINT) run ./... && cd infra/local && ../../$(LINT) run --config ../../.golangci.yml ./...

$(LINT): tools/go.mod
	@mkdir -p build && go build -modfile=tools/go.mod -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: test
test: build-local web ## every test but the pages' in the browser (make test-web)
	@cd web && npm test --silent
	@go test -timeout 20m ./...
	@cd infra/foreign && go test ./server
	@cd infra/local && go test -timeout 40m ./...

.PHONY: test-web
test-web: build-local web ## the pages in Debian's Chromium, on a system of their own
	@command -v chromium >/dev/null || apt-get install -y --no-install-recommends chromium fonts-noto-core || \
	  { echo "missing: chromium (Debian's packages chromium and fonts-noto-core)"; exit 1; }
	@cd web && npm run --silent test:web

.PHONY: chaos
chaos: ## the story in disorder: RUNS runs from the first SEED on; a seed that fails is named and plays again
	@cd infra/local && go test ./fleet -run '^TestTheStoryInDisorder$$' -count=1 -timeout 0 \
	  -args -chaos.show -chaos.runs=$(or $(RUNS),200) -chaos.seed=$(or $(SEED),1)

.PHONY: mutants
mutants: ## remove one condition, effect, dedupe or resend, or one permission, at a time: the tests must fail (SAMPLE, SEED, WHAT=code or template)
	@go run ./infra/mutants $(if $(WHAT),-what $(WHAT)) $(if $(SAMPLE),-sample $(SAMPLE)) $(if $(SEED),-seed $(SEED))

.PHONY: test-aws
test-aws: build-local ## the conformance suite and the story on ministack and LocalStack's code, or on AWS_ENDPOINT_URL
	@cd infra/foreign && go vet ./... && go test ./server && go test -timeout 30m

.PHONY: bench
bench: build build-local ## every figure against its budget, as tables and to build/bench.json (PART=life; REPORTS=10000 for less growth)
	@cd infra/bench && go vet ./... && OUT=../../build/bench.json go test -count=1 -timeout 90m -run 'TestFigures$(if $(PART),/^$(PART)$$)' -v .

.PHONY: bench-packages
bench-packages: ## the benchmarks of the packages
	@go test -run '^$$' -bench . -benchtime 200ms ./shared/... ./infra/emulator/... | grep -E '^(Benchmark|pkg:)'

-include Makefile.deploy
