#!/bin/sh
# python.sh
#
# Makes build/python, a Python of Debian's with the pinned programs of python.txt, once for each
# state of that file. With SETUP=no it only says that it is missing.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
to=build/python
sum=$(cksum <scripts/python.txt)
stamp=$to/made-${sum% *}
[ ! -e "$stamp" ] || exit 0

if [ "${SETUP-}" = no ]; then
	echo "setup: $to isn't there and SETUP=no forbids making it: run scripts/python.sh" >&2
	exit 1
fi
echo "setup: putting the programs of scripts/python.txt into $to, once"
rm -rf "$to"
/usr/bin/python3 -m venv --system-site-packages "$to"
"$to/bin/pip" install -q --disable-pip-version-check --no-deps --require-hashes \
	-r scripts/python.txt
: >"$stamp"
