/** What is used of the library, which brings no types of its own. */
declare module "tar-stream" {
  export interface Header {
    readonly name: string;
    /** Permissions alone. */
    readonly mode?: number;
    readonly uid?: number;
    readonly gid?: number;
    readonly type?: string | null;
  }

  export interface Pack extends AsyncIterable<Buffer> {
    entry(header: Header, content: Buffer): void;
    finalize(): void;
  }

  export interface Extract extends NodeJS.WritableStream {
    on(
      event: "entry",
      listener: (header: Header, content: NodeJS.ReadableStream, next: (error?: unknown) => void) => void,
    ): this;
    on(event: "finish" | "error", listener: (error?: unknown) => void): this;
  }

  export function pack(): Pack;
  export function extract(): Extract;
}
