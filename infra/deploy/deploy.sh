#!/usr/bin/env bash
# Deploys an environment of samconfig.toml: the root stack, the distribution and firewall
# in us-east-1, then the root stack again with that distribution. A later deployment does
# the same and finds most of it done. RUNBOOK.md says what must be there before the first.
#
# PAHT_TILE_URL and PAHT_BOUNDARY are those of web/README.md: the map's tiles and communes.
# ORIGIN_VERSION names the version of the origin's secret after it was exchanged; without
# it the distribution keeps the one that it has.
#
#   ENV=staging HOST=paht-staging.travinh.gov.vn CERTIFICATE=arn:… infra/deploy/deploy.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${ENV:?ENV must name an environment of samconfig.toml: default, staging or prod}"
tools=${TOOLS:-build/venv}
export SAM_CLI_TELEMETRY=0
sam="$tools/sam/bin/sam"
stack="paht-$ENV"
region=ap-southeast-1

grep -q "^\[$ENV\.deploy\.parameters\]" samconfig.toml || { echo "samconfig.toml has no environment $ENV" >&2; exit 2; }
for f in functions/*/; do
  [[ -f build/$(basename "$f")/bootstrap ]] || { echo "$(basename "$f") is not built: make build" >&2; exit 2; }
done

# output <stack> <region> <name>
output() {
  "$sam" list stack-outputs --stack-name "$1" --region "$2" --output json |
    python3 -c 'import json, sys; print(next(o["OutputValue"] for o in json.load(sys.stdin) if o["OutputKey"] == sys.argv[1]))' "$3"
}

# The parameters of the environment, and one more; --parameter-overrides replaces them all.
overrides() {
  python3 - "$ENV" "$1" <<'PY'
import sys, tomllib
with open("samconfig.toml", "rb") as f:
    print(tomllib.load(f)[sys.argv[1]]["deploy"]["parameters"]["parameter_overrides"] + " " + sys.argv[2])
PY
}

deploy() { # shellcheck disable=SC2046 # the overrides are words
  "$sam" deploy --config-env "$ENV" ${ROLE:+--role-arn "$ROLE"} --parameter-overrides $(overrides "$1")
}

"$sam" build --config-env "$ENV"
if distribution=$(output "$stack-cdn" us-east-1 Distribution 2>/dev/null); then
  deploy "Distribution=$distribution"
else
  deploy ""
fi

if [[ -z ${HOST:-} ]]; then
  echo "HOST and CERTIFICATE are not given: the distribution is left as it is"
  exit 0
fi
: "${CERTIFICATE:?CERTIFICATE must be the ARN of the certificate of $HOST in us-east-1}"

# The pages name the hosts that they may reach, which are known only now.
files=$(output "$stack" "$region" FilesHost)
pages="build/pages/$ENV"
(cd web && PAHT_BUCKET_ORIGIN="https://$files" npm run --silent build -- --outDir "../$pages")
tiles=$(cd web && node -e 'import("./policy.ts").then((p) => console.log(p.tileOrigin(process.env.PAHT_TILE_URL ?? "")))')
if grep -rl --include='*.html' 127.0.0.1 "$pages"; then
  echo "these pages would speak to this machine" >&2
  exit 1
fi
"$sam" deploy --template-file infra/stacks/cdn.yaml --stack-name "$stack-cdn" --region us-east-1 --resolve-s3 \
  --no-confirm-changeset --no-fail-on-empty-changeset --parameter-overrides \
  "Host=$HOST" "Certificate=$CERTIFICATE" "OriginSecret=paht/$ENV/origin" ${ORIGIN_VERSION:+"OriginVersion=$ORIGIN_VERSION"} \
  "ApiHost=$(output "$stack" "$region" ApiHost)" "FilesHost=$files" "TileOrigin=$tiles"
deploy "Distribution=$(output "$stack-cdn" us-east-1 Distribution)"
echo "point $HOST at $(output "$stack-cdn" us-east-1 DistributionHost) and copy $pages to $(output "$stack-cdn" us-east-1 PagesBucket)"
