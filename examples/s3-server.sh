#!/bin/sh
# An S3 server on this machine that is no cluster's and outlives them: to try restores with, and no more than that.
# `start` makes it or starts it again, `stop` removes it with all that it holds. It takes Docker, openssl, and the image that
# `./run up` has built; clusters reach it at the address that Docker's bridge gives the machine.
set -eu

name=${S3_NAME:-s3-server} port=${S3_PORT:-19000}
files=.local/$name

case "${1:-}" in
stop)
  docker rm --force --volumes "$name" >/dev/null
  docker volume rm --force "$name" >/dev/null
  rm -rf "$files"
  echo "$name and what it held are gone"
  exit
  ;;
start) ;;
*)
  echo "usage: sh examples/s3-server.sh start | stop" >&2
  exit 2
  ;;
esac

address=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')
image=$(docker image ls --quiet pulumi-spilo/s3 | head -n 1)
[ -n "$image" ] || { echo "error  image pulumi-spilo/s3: not on this engine. Build it: ./run spiloctl images --build" >&2; exit 1; }

if [ ! -e "$files/secret" ]; then
  # One that is there has another certificate and another key.
  docker rm --force --volumes "$name" >/dev/null 2>&1 || true
  docker volume rm --force "$name" >/dev/null
  mkdir -p "$files"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=$name" \
    -addext "subjectAltName=IP:$address" -keyout "$files/private.key" -out "$files/public.crt" 2>/dev/null
  (umask 077 && openssl rand -hex 16 | tr -d '\n' >"$files/secret")
  # The image's user reads them, and nobody else but root.
  docker run --rm --user 0 --entrypoint chown --volume "$PWD/$files:/files" "$image" 1000:1000 /files/private.key /files/secret
fi

docker start "$name" >/dev/null 2>&1 || docker run --detach --name "$name" --network host --restart unless-stopped \
  --volume "$name:/data" --volume "$PWD/$files:/etc/identity:ro" \
  --env MINIO_ROOT_USER=archiver --env MINIO_ROOT_PASSWORD_FILE=/etc/identity/secret \
  "$image" minio server /data --address "$address:$port" --certs-dir /etc/identity >/dev/null

tries=0
until openssl s_client -connect "$address:$port" -CAfile "$files/public.crt" </dev/null >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -le 30 ] || { docker logs "$name" >&2; exit 1; }
  sleep 1
done
echo "endpoint  https://$address:$port"
echo "access    archiver, secret in $files/secret"
echo "authority $files/public.crt"
