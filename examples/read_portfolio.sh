#!/bin/sh
# Read what robotrader prints with jq: each holding with its worth, then each rule with how far it is from firing.
#   read_portfolio.sh
# Amounts are rupees; what is not known is null, and printed as a dash.
set -eu

held=$(robotrader portfolio show --json)
rules=$(robotrader risk show --json)
printf '%s\n' "$held" | jq -r '
  .provider as $provider | .holdings[] | "\(.symbol) \(.quantity) shares, \(.value_inr // "-") rupees [\($provider)]"
'
printf '%s\n' "$rules" | jq -r '
  .rules[] | "\(.rule) \(.state), \(.distance // "-") \(if .distance_unit == "pct" then "%" else "rupees" end) away"
'
