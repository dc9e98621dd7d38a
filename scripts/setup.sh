#!/bin/sh
# setup.sh demo|test
#
# Makes this machine ready for `make demo` or `make test`: installs the Debian packages that are
# missing, and puts everything else into the build folder and Go's own caches. It starts no service,
# does nothing when all is there, and needs no network then. SETUP=no: it changes nothing, names
# what is missing, and fails if anything is.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
case "${1-}" in
demo) steps='' ;;
test) steps='linter java python clients' ;;
*) echo "usage: scripts/setup.sh demo|test" >&2; exit 2 ;;
esac

missing=no
for step in go packages driver $steps; do
	"scripts/$step.sh" "$1" && continue
	missing=yes
	[ "${SETUP-}" = no ] || break
done
[ "$missing" = no ] || { echo "setup: not ready for 'make $1', see above" >&2; exit 1; }
echo "setup: all that 'make $1' needs is there"
