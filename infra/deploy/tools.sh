#!/usr/bin/env bash
# Makes the virtual environments of the pinned tools under the given folder, each once:
# of SAM alone (sam), with ministack (local), or with checkov.
# SAM and checkov need different versions of the same packages, so each has its own.
set -euo pipefail
folder=$1

install() { # name, packages…
  local name=$1 stamp="$folder/$1/installed"
  shift
  if [[ -f $stamp && $(<"$stamp") == "$*" ]]; then return; fi
  echo "installing $* under $folder/$name"
  rm -rf "${folder:?}/$name"
  python3 -m venv "$folder/$name"
  "$folder/$name/bin/pip" install --quiet --no-input "$@"
  printf '%s' "$*" >"$stamp" # last, so that what was interrupted is made anew
}

mkdir -p "$folder"
install sam aws-sam-cli==1.170.0 cfn-lint==1.58.0
case ${2:-} in
  sam) ;;
  local) install ministack 'ministack[full]==1.5.33' ;;
  *) install checkov checkov==3.3.30 ;;
esac
