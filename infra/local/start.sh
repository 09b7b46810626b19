#!/bin/sh
# `npm start`: set up what is missing, then become the supervisor. `exec` matters: npm sends signals to its direct child
# only, and a shell in between would end alone.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
sh infra/local/setup.sh
exec node --import tsx infra/local/main.ts "$@"
