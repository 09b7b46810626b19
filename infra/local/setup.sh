#!/bin/sh
# Provides what the local environment needs and nothing else: node packages, PostgreSQL tools, libfaketime, the built
# product, and with the argument `test` a browser as well. Plain sh, because nothing is installed when it runs first.
# It says nothing when everything is there.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
purpose=${1:-start}
lock="$root/.local-setup.lock"
stamp=node_modules/.restore-desk-packages

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# --- node -----------------------------------------------------------------------------------------------------------

check_node() {
  command -v node >/dev/null 2>&1 || fail 'Node.js 20.19 or newer is needed and was not found: install it from your system or from nodejs.org.'
  command -v npm >/dev/null 2>&1 || fail 'npm was not found: it comes with Node.js on most systems, on some as a package of its own.'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js 20.19 or newer is needed; this is $(node --version)."
}

lock_sum() { cksum <package-lock.json; }

# A stamp says that this lock file was installed. Without one (installed by hand) what npm wrote down is compared.
packages_are_there() {
  [ -f node_modules/.package-lock.json ] || return 1
  [ "$(cat "$stamp" 2>/dev/null || true)" = "$(lock_sum)" ] && return 0
  node -e '
    const read = (file) => JSON.parse(require("node:fs").readFileSync(file, "utf8")).packages;
    const [wanted, installed] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
    const missing = Object.keys(wanted).filter(
      (name) => name !== "" && !wanted[name].optional && installed[name]?.version !== wanted[name].version,
    );
    process.exit(missing.length === 0 ? 0 : 1);
  '
}

install_packages() {
  say 'Installing the node packages (once) ...'
  # npm keeps its cache in the home folder; some accounts have none that they may write.
  if [ ! -w "${HOME:-/nonexistent}" ]; then
    npm_config_cache="$root/.local-npm-cache"
    export npm_config_cache
  fi
  # Not `npm ci`: it refuses a lock file that names a package's builds for other platforms only where the registry in use
  # holds them. With the lock file present this installs exactly the locked versions, and writes nothing back.
  npm install --no-save --include=dev --no-progress --loglevel=error </dev/null >&2 ||
    fail 'npm install failed; its reason stands above.'
  lock_sum >"$stamp"
}

# --- operating system -----------------------------------------------------------------------------------------------

is_postgres_folder() {
  for tool in initdb postgres psql pg_isready pg_basebackup pg_dump pg_dumpall pg_restore; do
    [ -x "$1/$tool" ] || return 1
  done
  [ "$("$1/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 15 ] 2>/dev/null
}

has_postgres() {
  on_path=$(command -v postgres || true)
  for folder in ${PG_BIN:+"$PG_BIN"} /usr/lib/postgresql/*/bin ${on_path:+"$(dirname -- "$on_path")"} \
    /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
    is_postgres_folder "$folder" && return 0
  done
  return 1
}

has_faketime() {
  for file in /usr/lib/*/faketime/libfaketime.so.1 /usr/lib/faketime/libfaketime.so.1 /usr/lib64/faketime/libfaketime.so.1 \
    /usr/local/lib/faketime/libfaketime.so.1; do
    [ -f "$file" ] && return 0
  done
  return 1
}

has_browser() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; }
has_font() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts "${HOME:-/nonexistent}/.fonts" -name '*.[to]tf' 2>/dev/null | head -n 1)" ]; }

missing_parts() {
  has_postgres || printf 'postgresql '
  has_faketime || printf 'libfaketime '
  command -v setpriv >/dev/null 2>&1 || printf 'util-linux '
  if [ "$purpose" = test ]; then
    has_browser || printf 'chromium '
    has_font || printf 'fonts-dejavu-core '
  fi
}

instruct() {
  case $(uname -s) in
    Darwin)
      fail "These are missing: $1- the local environment needs Linux (a container or a virtual machine will do); the PostgreSQL tools alone come with: brew install postgresql@17 libfaketime"
      ;;
  esac
  command -v apt-get >/dev/null 2>&1 ||
    fail "These are missing: $1- install PostgreSQL 15 or newer (server and client tools) and the others with the package manager of this system, then run this again. PG_BIN may name the folder that holds initdb."
  fail "These are missing: $1- run this once as an administrator: sudo apt-get install -y $1"
}

apt() { DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >>"$apt_log" 2>&1; }

apt_install() {
  apt install -y --no-install-recommends "$@" || {
    say 'Refreshing the package lists ...'
    apt update && apt install -y --no-install-recommends "$@"
  }
}

# Debian's server package makes and starts a cluster of its own when it is installed. Where there is no PostgreSQL yet we
# ask it not to, for the length of this installation only; where there is one, nothing of it is touched.
install_postgres() {
  conf=/etc/postgresql-common/createcluster.conf
  apt_install postgresql-common || return 1
  kept=
  if [ -f "$conf" ]; then
    kept=$(mktemp)
    cp -p "$conf" "$kept"
    printf '\ncreate_main_cluster = false\n' >>"$conf"
  fi
  result=0
  apt_install postgresql || result=1
  if [ -n "$kept" ]; then
    cat "$kept" >"$conf"
    rm -f "$kept"
  fi
  return $result
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

install_system_packages() {
  say "Installing from the operating system: $1..."
  apt_log=$(mktemp)
  for package in $1; do
    case $package in
      postgresql) install_postgres ;;
      *) apt_install "$package" ;;
    esac || {
      tail -n 20 "$apt_log" >&2
      fail "$package could not be installed; the end of apt-get's output stands above."
    }
  done
  rm -f "$apt_log"
  still=$(missing_parts)
  [ -z "$still" ] || fail "Still missing after the installation: $still- the packages of this system may be too old (PostgreSQL 15 or newer is needed)."
}

# --- two set-ups at the same time -----------------------------------------------------------------------------------

is_alive() { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]; }

take_lock() {
  without_pid=0
  told=
  until mkdir "$lock" 2>/dev/null; do
    [ -d "$lock" ] || fail "The folder $root cannot be written by this user, so nothing can be set up in it."
    holder=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -z "$holder" ]; then
      without_pid=$((without_pid + 1))
      [ "$without_pid" -lt 5 ] || rm -rf "$lock"
    elif ! is_alive "$holder"; then
      rm -rf "$lock"
      continue
    fi
    [ -n "$told" ] || say 'Another set-up is at work here; waiting for it ...'
    told=yes
    sleep 1
  done
  printf '%s\n' "$$" >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

everything_is_there() {
  packages_are_there && [ -z "$(missing_parts)" ] && node infra/build.mjs --check
}

check_node
if ! everything_is_there; then
  missing=$(missing_parts)
  # Said before anything else is tried: whoever may not install needs somebody who may.
  [ -z "$missing" ] || may_install || instruct "$missing"
  take_lock
  packages_are_there || install_packages
  missing=$(missing_parts)
  [ -z "$missing" ] || install_system_packages "$missing"
  node infra/build.mjs >&2
fi
