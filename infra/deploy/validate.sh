#!/usr/bin/env bash
# Checks the templates as those who deploy will: SAM's own validation, cfn-lint on the
# nested stacks, and checkov, whose findings must be those that exceptions.txt excuses.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=${TOOLS:-build/venv}
export SAM_CLI_TELEMETRY=0

infra/deploy/tools.sh "$tools"

"$tools/sam/bin/sam" validate --lint --template-file template.yaml
"$tools/sam/bin/cfn-lint" template.yaml infra/stacks/*.yaml
echo "cfn-lint: template.yaml and $(ls infra/stacks/*.yaml | wc -l) stacks are clean"

found=$(mktemp)
trap 'rm -f "$found"' EXIT
for template in template.yaml infra/stacks/*.yaml; do
  "$tools/checkov/bin/checkov" -f "$template" --framework cloudformation --quiet --skip-download --output json --soft-fail |
    python3 infra/deploy/findings.py "$template"
done >"$found"
python3 infra/deploy/excused.py infra/deploy/exceptions.txt <"$found"
