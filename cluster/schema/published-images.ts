/**
 * The images that a specification means when it names none.
 *
 * Spilo and etcd are published by their projects. HAProxy with its VIP and the S3 server are built from `images/`:
 * nobody publishes them.
 */
export const publishedImages = {
  spilo: "ghcr.io/zalando/spilo-17:4.0-p3",
  etcd: "quay.io/coreos/etcd:v3.5.21",
  proxy: "pulumi-spilo/proxy:1",
  s3: "pulumi-spilo/s3:1",
} as const;
