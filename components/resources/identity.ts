import * as pulumi from "@pulumi/pulumi";

/** One file of a part's identity. */
export interface IdentityFile {
  readonly content: pulumi.Input<string>;
  /** Permissions, such as `0o600`. */
  readonly mode: pulumi.Input<number>;
  /**
   * Of trusted authorities, those before: PEM. Where a part trusts one of them still, an update leaves it at that.
   * @default none
   */
  readonly former?: pulumi.Input<string>;
}

export interface IdentityArgs {
  /** Whose it is. */
  readonly part: string;
  /** The engine's address as the docker provider takes it. */
  readonly engine: pulumi.Input<string>;
  /** The part's image: it says which ids the owner has. */
  readonly image: pulumi.Input<string>;
  /** The volume's real name. */
  readonly volume: pulumi.Input<string>;
  /** A user of the image, who is to own the files. */
  readonly owner: pulumi.Input<string>;
  /** By file name. Kept as a secret. */
  readonly files: pulumi.Input<Readonly<Record<string, pulumi.Input<IdentityFile>>>>;
  /**
   * Texts that are no secret, by file name, and so are shown in a preview. A running container is not told of new ones:
   * whoever changes them replaces it. @default none
   */
  readonly configuration?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  /** The same with secrets in them: for the owner alone, and in no preview. @default none */
  readonly secretConfiguration?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  /** How a running container is told of new files. @default the container has the part's name, and needs no telling */
  readonly reload?: {
    /** The container's name. */
    readonly container: string;
    readonly user: string;
    readonly command: readonly string[];
  };
  /** Where the part shows its certificate (`tls.crt` or `public.crt`). */
  readonly served: readonly {
    readonly host: string;
    readonly port: number;
    /** `postgres`: TLS begins after PostgreSQL's own question for it. */
    readonly protocol: "tls" | "postgres";
  }[];
  /** How long an update waits until the new certificate is shown everywhere. @default 60 */
  readonly deadlineSeconds?: number;
}

/**
 * The files by which a part is known, in a volume of their own. Made before the part's container; new files are written
 * beside the running one, which then reloads. Nothing is replaced for them. The files go with their volume.
 */
export class Identity extends pulumi.CustomResource {
  constructor(name: string, args: IdentityArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { secretConfiguration = {}, configuration = {}, deadlineSeconds = 60 } = args;
    const secrets = {
      files: pulumi.secret(args.files),
      secretConfiguration: pulumi.secret(secretConfiguration),
    };
    super(
      "spilo:index:Identity",
      name,
      { ...args, configuration, deadlineSeconds, ...secrets },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: Object.keys(secrets) }),
    );
  }
}
