# Two commands do everything: make demo, and make test. SETUP=no keeps both from installing.

FUZZTIME ?= 30s
SOAK     ?= 10m
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -X main.version=$(VERSION)
TESTSUM  := go run ./scripts/testsum
EVERY    := -count=1 -timeout=10m ./...

export GOLANGCI_LINT_CACHE ?= $(CURDIR)/build/lint
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 15

demo: ## set up, build and show one payment of the whole system (ARGS="--payments 3")
	@scripts/setup.sh demo
	@$(MAKE) $(if $(findstring jcardsim,$(ARGS)),applet) build
	@bin/tapbench demo $(ARGS)

test: ## set up, check and test everything; the last line gives the totals
	@scripts/setup.sh test
	@$(MAKE) lint tidy
	@TAPBENCH_REQUIRE=all $(TESTSUM) -java applet/javacard $(EVERY)

setup: ## what make test needs: Debian packages and the build folder
	@scripts/setup.sh test

applet: ## build/applet, the Java Card applet for --se jcardsim; sets up Java
	@scripts/packages.sh java
	@scripts/java.sh applet
	@scripts/applet.sh

build: ## bin/tapbench, and build/applet anew if it is there and its sources have changed
	@[ ! -d build/applet ] || scripts/applet.sh >/dev/null
	@go build -trimpath -ldflags '$(LDFLAGS)' -o bin/tapbench ./cmd/tapbench

test-go: ## the Go tests alone, all of them
	@TAPBENCH_REQUIRE=all $(TESTSUM) $(EVERY)

test-race: ## the Go tests alone, under the race detector
	@TAPBENCH_REQUIRE=all $(TESTSUM) -race -count=1 -timeout=15m ./...

test-light: ## what a machine with Go alone can build and test, naming what it leaves out
	@CGO_ENABLED=0 go build -o build/light/tapbench ./cmd/tapbench
	@CGO_ENABLED=0 $(TESTSUM) -light -timeout=10m ./...

test-java: ## the Java Card applet's tests alone, without a network
	@$(TESTSUM) -java applet/javacard

test-card: ## every suite on a card, which is wiped (READER=ACS WIPE=yes REINSTALL='gp …')
	@READER='$(READER)' WIPE='$(WIPE)' REINSTALL='$(REINSTALL)' scripts/test-card.sh

lint: ## the linters, and whether everything compiles without cgo
	@build/tools/golangci-lint run ./...
	@CGO_ENABLED=0 go vet ./...

tidy: ## lengths, floors, names and what else no linter knows
	@go run ./scripts/tidy

cap: ## build/cap/tapbench.cap, for a card, with your Java Card SDK (JC_SDK=/path/to/sdk)
	@JC_SDK='$(JC_SDK)' scripts/cap.sh

applet-report: ## what a card would refuse of the applet, and what it takes (JSON=report.json)
	@scripts/applet-report.sh $(JSON)

generate: ## everything that is written by a program
	@go generate ./...

traces: ## testdata/traces anew; those that say the same as before stay as they are
	@$(MAKE) build
	@scripts/traces.sh

bench: ## measurements beside their baselines (NAME=apdu JSON=result.json)
	@go run ./scripts/bench -name '$(NAME)' -json '$(JSON)'

models: ## the symbolic models, by the provers that are here (NAME=p3 JSON=result.json)
	@scripts/packages.sh models || echo "models: going on without them"
	@go run ./scripts/models -name '$(NAME)' -json '$(JSON)'

fuzz: ## every fuzz target for FUZZTIME=30s each (NAME=TLV)
	@scripts/fuzz.sh $(FUZZTIME) $(NAME)

soak: ## kill bank, TSM and terminals under load, do all else and fuzz the card, for SOAK=10m
	@scripts/soak.sh $(SOAK)

cover: ## how much of each function the Go tests reach
	@mkdir -p build
	@go test -coverpkg=./... -coverprofile=build/cover.out ./... && go tool cover -func=build/cover.out

clean: ## remove what was built, and what set-up put into the build folder
	@rm -rf bin build applet/javacard/target applet/javacard/*/target

.PHONY: help demo test setup applet build test-go test-race test-light test-java test-card lint \
	tidy cap applet-report generate traces bench models fuzz soak cover clean
