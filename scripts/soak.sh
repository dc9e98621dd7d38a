#!/bin/sh
# soak.sh DURATION
#
# Does everything at random for so long, or until it is interrupted: real processes that are killed
# (stormtest), beside them all parties in one process (moneytest), and where there is a JDK,
# emulator and applet that are asked the same (twintest). It fails if one has found something.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
mkdir -p build
go test -c -o build/storm.test ./cmd/tapbench/internal/stormtest
go test -c -o build/money.test ./cmd/tapbench/internal/moneytest
go test -c -o build/twins.test ./applet/twintest
export TAPBENCH_SOAK="$1"
trap : INT # both end by themselves, and say what they have found

build/money.test -test.v -test.timeout 0 -test.run 'TestMoneyIsConserved$' &
money=$!
(cd applet/twintest && exec ../../build/twins.test -test.v -test.timeout 0 \
	-test.run 'TestTwins$') >build/twins.log 2>&1 &
twins=$!
failed=0
build/storm.test || failed=1
wait "$money" || failed=1
wait "$twins" || failed=1
grep -E '^ *(twins_test.go|--- (FAIL|PASS): TestTwins )' build/twins.log || cat build/twins.log
exit "$failed"
