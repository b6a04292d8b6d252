#!/usr/bin/env bash
# ./test           everything: unit, store contract on SQLite and PostgreSQL, flows, real clients, browser
# ./test fast      the inner loop: the fast C++ tests and the source checks
# ./test peers     the real clients, against the release binary
# ./test browser   Chromium, against the release binary
# ./test tools     the configuration tools of teams, against the release binary; not part of ./test, for its minutes
# ./test ci        everything, and the configuration tools
# ./test FILTER    the test binary of that name, else every GoogleTest case and node test whose name contains FILTER
#
# The last line is "N passed, N failed". Results stay in build/test-results.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

what="${1:-all}"
results="$PWD/build/test-results"
jobs=3  # of two cores: some tests wait for their database
filter=''

say() { printf '\n== %s\n' "$*"; }
give_up() { echo "$*" >&2; tally; exit 1; }
tally() { echo; python3 tools/tally.py "$results"; }

# step NAME COMMAND…: a step that is itself one test.
step() {
  local name="$1"
  shift
  if "$@"; then echo passed >"$results/steps/$name"; else echo failed >"$results/steps/$name"; return 1; fi
}

build_dev() {
  # The tests of Actions look for it in build/node, and are skipped where there is none.
  (source tools/node.sh) || echo "the tests of Actions are skipped: there is no Node.js 22" >&2
  say "building (dev)"
  cmake --preset dev >build/dev-configure.log 2>&1 || { tail -n 30 build/dev-configure.log >&2; return 1; }
  NINJA_STATUS="[%f/%t %es] " cmake --build build/dev
}

build_release() {
  [[ -z "${SEGUE_BINARY:-}" ]] || return 0
  say "building (release)"
  cmake --preset release >build/release-configure.log 2>&1 || { tail -n 30 build/release-configure.log >&2; return 1; }
  NINJA_STATUS="[%f/%t %es] " cmake --build build/release --target segue
}

# The messages that the peers read without a server (tests/saml).
build_samples() {
  cmake --preset dev >build/dev-configure.log 2>&1 && cmake --build build/dev --target saml_samples >/dev/null
}

# run_ctest NAME CTEST-OPTIONS…
run_ctest() {
  local name="$1"
  shift
  say "C++ tests: $name"
  mkdir -p "$results/gtest/$name"
  # The PostgreSQL server is started once for all of them; the tests read SEGUE_TEST_POSTGRES.
  GTEST_OUTPUT="xml:$results/gtest/$name/" GTEST_FILTER="${filter:+*$filter}*" GTEST_BRIEF=1 \
    TMPDIR="$(tests/support/memory_folder.sh)" bash tests/support/postgres.sh run ctest --test-dir build/dev --output-on-failure --no-tests=ignore \
    --output-junit "$results/ctest/$name.xml" -j "$jobs" "$@"
  [[ -f "$results/ctest/$name.xml" ]] || step "ctest $name" false
}

# run_node NAME: the node tests of tests/NAME against a server of their own.
run_node() {
  local name="$1" folder="$PWD/tests/$1"
  say "$name"
  source tools/node.sh && node_modules "$PWD/samples/native-to-web" && node_modules "$PWD/tests/peers" && node_modules "$folder" &&
    if [[ "$name" == browser ]]; then node_modules "$folder/next-app"; elif [[ "$name" == peers ]]; then build_samples; fi ||
    { step "$name packages" false; return 1; }
  if [[ "$name" == tools ]]; then run_tools; else run_node_files "$name" "$name" '*.test.mjs'; fi
}

# Each file of tests/tools has a server of its own: a tool's import is held against the whole tenant. They run two at a time, for the
# Deploy CLI waits most of its minutes.
run_tools() {
  local file name began=$SECONDS
  source tools/go_tools.sh
  for file in tests/tools/*.test.mjs; do
    [[ -z "$filter" ]] || grep -qF -- "$filter" "$file" || continue
    case "$file" in
      */terraform.test.mjs) [[ -n "${SEGUE_TERRAFORM:-}" ]] || continue ;;
      */auth0_cli.test.mjs) [[ -n "${SEGUE_AUTH0_CLI:-}" ]] || continue ;;
    esac
    name="tools-$(basename "$file" .test.mjs)"
    while (( $(jobs -rp | wc -l) >= 2 )); do wait -n; done
    # A tool's import takes a processor for half a minute, and needs a tenant to go to.
    SEGUE_TEST_TENANTS=127.0.0.1 run_node_files tools "$name" "$(basename "$file")" 900000 >"$results/node/$name.out" 2>&1 &
  done
  wait
  cat "$results/node/"tools-*.out
  say "tools: $((SECONDS - began)) s"
}

# run_node_files FOLDER NAME FILES [MILLISECONDS]
run_node_files() {
  local folder="$1" name="$2" files="$3" limit="${4:-120000}"
  (cd "tests/$folder" && node "../peers/with_server.mjs" node --test --test-timeout="$limit" ${filter:+--test-force-exit --test-name-pattern="$filter"} \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$results/node/$name.tap" "$files")
  local status=$?
  # The server can fail where every test passed: it must drain and exit with 0.
  if (( status )) && ! grep -qE '^# (fail|cancelled) [1-9]' "$results/node/$name.tap" 2>/dev/null; then
    step "$name: server" false
  fi
}

run_checks() {
  say "source checks"
  step layers python3 tools/layers.py
  step rules python3 tools/rules.py
}

tools/install.sh test </dev/null || exit 1
rm -rf "$results"
mkdir -p "$results"/{ctest,gtest,node,steps}

case "$what" in
  fast)
    run_checks
    build_dev || { step build false; give_up "the build failed"; }
    run_ctest fast -L fast
    ;;
  all | ci)
    run_checks
    build_dev || { step build false; give_up "the build failed"; }
    run_ctest fast -L fast
    run_ctest long -L long
    run_ctest slow -L slow
    build_release || { step "release build" false; give_up "the release build failed"; }
    run_node peers
    run_node browser
    [[ "$what" == all ]] || run_node tools
    ;;
  peers | browser | tools)
    build_release || { step "release build" false; give_up "the release build failed"; }
    run_node "$what"
    ;;
  -h | --help)
    sed -n '2,8s/^# //p' "$0"
    exit 0
    ;;
  *)
    build_dev || { step build false; give_up "the build failed"; }
    if [[ "$(ctest --test-dir build/dev -N -R "^$what\$")" == *"Test #"* ]]; then
      run_ctest "$what" -R "^$what\$"
    else
      filter="$what"
      run_ctest filter
      # A peer or browser test is run only if its name is meant.
      for suite in peers browser tools; do
        if grep -qF -- "$what" "tests/$suite"/*.test.mjs; then
          build_release && run_node "$suite"
        fi
      done
    fi
    ;;
esac
tally
