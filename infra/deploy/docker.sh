#!/usr/bin/env bash
# Starts a Docker daemon of its own, unless one answers at DOCKER_HOST, and makes what
# stands in for Lambda's base image where no registry can be reached: `sam local` puts its
# own runtime emulator into it, and a bootstrap that is linked statically needs nothing
# else but a shell. Prints the DOCKER_HOST to use. It needs Debian's docker.io,
# busybox-static and iptables, and root.
#
#   eval "$(infra/deploy/docker.sh)"        # and at the end: kill "$DOCKER_PID"
set -euo pipefail
docker=/usr/bin/docker
for needed in "$docker docker.io" "/usr/sbin/dockerd docker.io" "/bin/busybox busybox-static" "/usr/sbin/iptables iptables"; do
  read -r program package <<<"$needed"
  [[ -x $program ]] || { echo "missing: $program (Debian's $package)" >&2; exit 2; }
done

if ! $docker info >/dev/null 2>&1; then
  home=$(mktemp -d)
  export DOCKER_HOST="unix://$home/docker.sock"
  nohup dockerd --data-root "$home/data" --exec-root "$home/exec" --pidfile "$home/pid" -H "$DOCKER_HOST" >"$home/log" 2>&1 &
  daemon=$!
  trap 'status=$?; [[ $status == 0 ]] || kill "$daemon" 2>/dev/null || true' EXIT
  echo "export DOCKER_PID=$daemon"
  for _ in $(seq 60); do
    $docker info >/dev/null 2>&1 && break
    sleep 1
  done
  $docker info >/dev/null 2>&1 || { tail -20 "$home/log" >&2; exit 1; }
fi

case $(uname -m) in
  aarch64) image=public.ecr.aws/lambda/provided:al2023-arm64 ;;
  *) image=public.ecr.aws/lambda/provided:al2023-x86_64 ;;
esac
if ! $docker image inspect "$image" >/dev/null 2>&1; then
  folder=$(mktemp -d)
  cp /bin/busybox "$folder/busybox"
  cat >"$folder/Dockerfile" <<'IMAGE'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
WORKDIR /var/task
IMAGE
  DOCKER_BUILDKIT=0 $docker build -q -t "$image" "$folder" >&2
  rm -rf "$folder"
fi
echo "export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}"
