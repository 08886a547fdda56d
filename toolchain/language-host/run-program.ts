import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the engine is told when the program has ended. `bail`: the user has already been told what went wrong. */
export interface RunOutcome {
  readonly error: string;
  readonly bail: boolean;
}

/** The engine's request to run a program, as its gRPC message reads. */
export interface RunRequest {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly pwd: string;
  readonly program: string;
  readonly argsList: readonly string[];
  readonly dryrun: boolean;
  readonly parallel: number;
  readonly monitorAddress: string;
  readonly configMap: readonly (readonly [string, string])[];
  readonly configsecretkeysList: readonly string[];
  readonly info?: ProgramInfo | undefined;
}

interface ProgramInfo {
  readonly rootDirectory: string;
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly options?:
    | { readonly fieldsMap: readonly (readonly [string, { stringValue?: string }])[] }
    | undefined;
}

/** Exit code by which `cmd/run` says that it has already printed the error for the user. */
const ALREADY_REPORTED = 32;

/** Runs the program in a Node process of its own and waits for its end. */
export async function runProgram(request: RunRequest, engine: string): Promise<RunOutcome> {
  const directory = request.info?.programDirectory || request.pwd;
  const entry = request.info?.entryPoint || request.program || ".";
  const runner = createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const child = spawn(
    process.execPath,
    [...nodeArguments(request.info), runner, ...runnerArguments(request, engine), entry, ...request.argsList],
    { cwd: directory, stdio: ["ignore", "inherit", "inherit"], env: programEnvironment(request) },
  );
  // The CLI ends this host when it is interrupted; the program must not outlive it.
  process.once("SIGTERM", () => child.kill("SIGTERM"));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return { error: "", bail: false };
  if (code === ALREADY_REPORTED) return { error: "", bail: true };
  return { error: `program exited with code ${code ?? "unknown (killed by a signal)"}`, bail: false };
}

/** `runtime.options.nodeargs` of Pulumi.yaml: for us, what makes Node read TypeScript. */
function nodeArguments(info: ProgramInfo | undefined): string[] {
  const option = info?.options?.fieldsMap.find(([key]) => key === "nodeargs")?.[1].stringValue;
  return option === undefined ? [] : option.split(" ").filter((word) => word !== "");
}

function runnerArguments(request: RunRequest, engine: string): string[] {
  const named: Record<string, string> = {
    monitor: request.monitorAddress,
    engine,
    organization: request.organization,
    project: request.project,
    stack: request.stack,
    pwd: request.pwd,
    "root-directory": request.info?.rootDirectory ?? "",
    parallel: String(request.parallel),
  };
  const given = Object.entries(named).flatMap(([key, value]) => (value === "" ? [] : [`--${key}`, value]));
  return request.dryrun ? [...given, "--dry-run"] : given;
}

/** Configuration travels in the environment, so that no secret stands in the process list. */
function programEnvironment(request: RunRequest): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PULUMI_NODEJS_TYPESCRIPT: "false",
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.configMap)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configsecretkeysList),
  };
}
