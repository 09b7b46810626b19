#!/bin/sh
# `npm test`: the same set-up as `npm start` plus a browser, then the gate.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
sh infra/local/setup.sh test
exec node --import tsx test/gate/main.ts "$@" </dev/null
