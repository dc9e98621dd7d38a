#!/bin/sh
# driver.sh
#
# Has vpcd-driver.sh make the virtual reader's driver, once; refreshes apt's package lists if they
# are too old or too empty for that. With SETUP=no it only says that the driver is missing.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
driver=build/vpcd/libifdvpcd.so
[ ! -s "$driver" ] || exit 0

if [ "${SETUP-}" = no ]; then
	echo "setup: $driver is missing and SETUP=no forbids making it: run" \
		"scripts/vpcd-driver.sh" >&2
	exit 1
fi
scripts/vpcd-driver.sh 2>/dev/null && exit 0
echo "setup: refreshing the package lists, for the virtual reader's driver"
if [ "$(id -u)" -eq 0 ]; then apt-get -q update; else sudo apt-get -q update; fi
scripts/vpcd-driver.sh
