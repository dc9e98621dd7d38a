#!/bin/sh
# soak.sh DURATION
#
# Does everything at random for so long, or until it is interrupted: real processes that are killed
# (stormtest), and beside them all parties in one process (moneytest). It fails if either has found
# something.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
mkdir -p build
go test -c -o build/storm.test ./cmd/tapbench/internal/stormtest
go test -c -o build/money.test ./cmd/tapbench/internal/moneytest
export TAPBENCH_SOAK="$1"
trap : INT # both end by themselves, and say what they have found

build/money.test -test.v -test.timeout 0 -test.run 'TestMoneyIsConserved$' &
money=$!
failed=0
build/storm.test || failed=1
wait "$money" || failed=1
exit "$failed"
