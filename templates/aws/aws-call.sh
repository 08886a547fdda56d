#!/bin/bash
# Calls AWS as the machine that it runs on, by the role of its instance profile.
#
#   aws-call secret ID [VERSION]   prints a secret
#   aws-call marked KEY            ends with 0 if the bucket has this object, with 1 if not, with 2 if that is not known
#   aws-call mark KEY              makes it
set -euo pipefail
. "${PULUMI_SPILO_NODE:-/etc/pulumi-spilo/node.env}"

complain() {
    echo "error: $*" >&2
    exit 2
}

imds() { curl --silent --show-error --fail --max-time 5 --retry 5 --retry-connrefused "$@"; }

# What curl signs with goes by its standard input: command lines are open to everybody on the machine.
credentials() {
    local token role
    token=$(imds --request PUT --header "X-aws-ec2-metadata-token-ttl-seconds: 60" "$IMDS/latest/api/token")
    role=$(imds --header "X-aws-ec2-metadata-token: $token" "$IMDS/latest/meta-data/iam/security-credentials/")
    imds --header "X-aws-ec2-metadata-token: $token" "$IMDS/latest/meta-data/iam/security-credentials/$role" |
        python3 -c '
import json, sys
it = json.load(sys.stdin)
print("user = \"%s:%s\"" % (it["AccessKeyId"], it["SecretAccessKey"]))
print("header = \"x-amz-security-token: %s\"" % it["Token"])'
}

call() {
    local service=$1 known
    shift
    known=$(credentials) || complain "the metadata service of this machine gives no credentials: has it an instance profile?"
    curl --silent --show-error --max-time 60 --retry 5 --config - --aws-sigv4 "aws:amz:$REGION:$service" "$@" <<<"$known"
}

object() {
    call s3 --header "x-amz-content-sha256: UNSIGNED-PAYLOAD" --output /dev/null --write-out "%{http_code}" "$@"
}

case ${1:-} in
secret)
    request=$(python3 -c '
import json, sys
print(json.dumps({"SecretId": sys.argv[1], **({"VersionId": sys.argv[2]} if len(sys.argv) > 2 else {})}))' "${@:2}")
    answer=$(call secretsmanager --fail-with-body --request POST "$SECRETS_URL/" --data-binary "$request" \
        --header "Content-Type: application/x-amz-json-1.1" \
        --header "X-Amz-Target: secretsmanager.GetSecretValue") || complain "secret $2: ${answer:-no answer}"
    python3 -c 'import json, sys; print(json.load(sys.stdin)["SecretString"])' <<<"$answer"
    ;;
marked)
    code=$(object --head "$S3_URL/$BUCKET/$2") || complain "$S3_URL does not answer"
    case $code in
    200) exit 0 ;;
    404) exit 1 ;;
    *) complain "bucket $BUCKET: asked for $2, it answers $code" ;;
    esac
    ;;
mark)
    code=$(object --request PUT --data-binary "" "$S3_URL/$BUCKET/$2") || complain "$S3_URL does not answer"
    [[ $code == 200 ]] || complain "bucket $BUCKET: told of $2, it answers $code"
    ;;
*) complain "usage: aws-call secret ID [VERSION] | marked KEY | mark KEY" ;;
esac
