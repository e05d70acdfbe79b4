# Counts what passed and what failed. Sourced by scripts/test.
# shellcheck shell=bash

passed=0
failed=0
broken=()

# tally PASSED FAILED: adds to the sum.
tally() {
  passed=$((passed + $1))
  failed=$((failed + $2))
}

# check COMMAND...: a part that is one check.
check() {
  if "$@"; then tally 1 0; else tally 0 1; fi
}

# nextest PROFILE: runs the tests of a profile of .config/nextest.toml and adds the sums of its JUnit report.
# No report, or a failure that is not in it (a build that broke, no test found), is one failure more.
nextest() {
  # nextest keeps its reports in target/, whatever CARGO_TARGET_DIR says.
  local report="target/nextest/$1/junit.xml" status=0 head tests bad
  rm -f "$report"
  cargo nextest run --workspace --profile "$1" || status=$?
  head=$(grep -m 1 '<testsuites ' "$report" 2>/dev/null)
  tests=$(attribute tests "$head")
  bad=$(($(attribute failures "$head") + $(attribute errors "$head")))
  [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ "$tests" -gt 0 ] || bad=$((bad > 0 ? bad : 1))
  tally $((tests > bad ? tests - bad : 0)) "$bad"
}

# attribute NAME XML: the number in NAME="…", or 0.
attribute() {
  local number
  number=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$2")
  echo "${number:-0}"
}

# doctests: the examples in the documentation, which nextest does not run.
doctests() {
  local log="$scratch/doctests" status=0 good bad
  cargo test --workspace --doc 2>&1 | tee "$log" || status=$?
  good=$(sum_of passed "$log")
  bad=$(sum_of failed "$log")
  [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  tally "$good" "$bad"
}

# sum_of WORD FILE: the sum over all "test result" lines of cargo test.
sum_of() {
  awk -v word="$1" '/^test result: / { for (i = 2; i <= NF; i++) if ($i ~ "^" word) sum += $(i - 1) } END { print sum + 0 }' "$2"
}

# summarised COMMAND...: a part whose own last line is "N passed, N failed", or that with ", N skipped".
summarised() {
  local log="$scratch/summarised" status=0 last good bad
  "$@" 2>&1 | tee "$log" || status=$?
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log" | tail -n 1)
  good=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' <<<"$last")
  bad=$(sed -n 's/.* \([0-9]*\) failed.*/\1/p' <<<"$last")
  good=${good:-0}
  bad=${bad:-0}
  [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ $((good + bad)) -gt 0 ] || bad=1
  tally "$good" "$bad"
}
