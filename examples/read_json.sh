#!/bin/sh
# Read what robotrader prints with jq: net profit in crore, one company a line.
#   read_json.sh SBIN TCS
# Amounts are absolute rupees; what the text does not say is null.
set -eu

out=$(robotrader run-task earnings "$@" --json)
printf '%s\n' "$out" | jq -r '
  .tasks[]
  | select(.record != null)
  | "\(.symbol) Q\(.record.fiscal_quarter) FY\(.record.fiscal_year) " +
    (if .record.net_profit_inr == null then "-" else "\(.record.net_profit_inr / 1e7) crore" end) +
    " [\(.provider)]"
'
