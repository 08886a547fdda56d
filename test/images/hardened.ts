/**
 * The options that each image is run with: what its programs need is what they get. Components give the same.
 */
export const hardened = {
  etcd: [...locked()],
  s3: [...locked()],
  proxy: [
    ...locked("CHOWN", "FOWNER", "KILL", "NET_ADMIN", "NET_RAW", "SETGID", "SETUID"),
    // What an engine gives a tmpfs by itself, noexec among it; and the folder is root's alone.
    ...["--tmpfs", "/run:mode=755", "--tmpfs", "/tmp:mode=1777"],
  ],
  /** Its entry point writes its configuration, crontab and services all over the root file system. */
  spilo: [
    ...["--security-opt", "no-new-privileges", "--cap-drop", "ALL"],
    ...added("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID", "SYS_NICE"),
  ],
} as const;

function locked(...capabilities: readonly string[]): string[] {
  return [
    "--read-only",
    "--security-opt",
    "no-new-privileges",
    "--cap-drop",
    "ALL",
    ...added(...capabilities),
  ];
}

function added(...capabilities: readonly string[]): string[] {
  return capabilities.flatMap((name) => ["--cap-add", name]);
}
