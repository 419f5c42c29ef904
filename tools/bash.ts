/** `bash`: a command in the project folder, or a background job. */

import { byteLength } from "../core/model/tokens.ts";
import { cutMiddle } from "../core/sandbox/kept_output.ts";
import { type CommandResult, defineTool, type ToolContext, type ToolOutput } from "../core/tool.ts";
import { contentLimit, plainOutput } from "./_limit.ts";

/** `npm start &`: a server is meant. `a && b` and `2>&1` end otherwise. */
const TRAILING_AMPERSAND = /(?<![&>])&\s*$/;

export default defineTool({
  name: "bash",
  category: "run",
  effect: "run",
  description: "Run a shell command. The folder and exported variables carry over to the next call.",
  parameters: (z) =>
    z.object({
      command: z.string().min(1),
      background: z.boolean().nullish().describe("for servers"),
      job: z.string().nullish().describe('background job; command is "read" or "stop"'),
    }),
  brief: { description: "Run a shell command.", parameters: ["command"] },
  example: { command: "python3 main.py" },
  request: (args) => {
    const { command, job } = readJob(args);
    return job
      ? { effect: "none", what: `background job: ${command} ${job}` }
      : { effect: "run", what: `run: ${command}`, command };
  },
  async run(args, context) {
    const { command, job, background } = readJob(args);
    if (job) {
      const isStop = /^\s*(?:stop|kill|end)\b/i.test(command);
      return answerJob(
        job,
        isStop ? await context.shell.stop(job) : context.shell.poll(job),
        isStop,
        context,
      );
    }
    const isServer = background === true || TRAILING_AMPERSAND.test(command);
    const result = await context.shell.run(isServer ? command.replace(TRAILING_AMPERSAND, "") : command, {
      timeoutMs: context.limits.bashTimeoutMs,
      signal: context.signal,
      onOutput: context.output,
      background: isServer,
    });
    const seconds = Math.round(context.limits.bashTimeoutMs / 1000);
    const end = result.job
      ? `Running in the background as ${result.job}. New output: bash {"command": "read ${result.job}"}; to end it: bash {"command": "stop ${result.job}"}`
      : result.timedOut
      ? `Ended after ${seconds} s: it took too long (exit code: none). For a server use "background": true; else run less at once`
      : `Exit code: ${result.exitCode ?? "none, it was killed"}`;
    return {
      text: withOutput(result, end, context),
      summary: result.job ??
        (result.timedOut ? `ended after ${seconds} s` : `exit ${result.exitCode ?? "none"}`),
      command: {
        command,
        exitCode: result.exitCode,
        ...(result.job ? { isJob: true } : {}),
        ms: result.ms,
      },
    };
  },
});

interface BashArgs {
  readonly command: string;
  readonly background?: boolean | null | undefined;
  readonly job?: string | null | undefined;
}

/** `read job1` is a look at a background job, also where the job is no argument of its own. */
function readJob(args: BashArgs): BashArgs {
  const [, command, job] = /^\s*(read|stop|kill|end)\s+(job\d{1,4})\s*$/i.exec(args.command) ?? [];
  return command && job && !args.job ? { command, job } : args;
}

function answerJob(job: string, result: CommandResult, isStop: boolean, context: ToolContext): ToolOutput {
  const state = result.job
    ? `${job} is still running`
    : isStop
    ? `${job} was stopped`
    : `${job} has ended, exit code: ${result.exitCode ?? "none, it was killed"}`;
  const text = withOutput(result, state, context);
  return { text: text === state ? `No new output. ${state}` : text, summary: state };
}

/** The output, its middle cut where it is too long, with the line that counts at the end. */
function withOutput(result: CommandResult, end: string, context: ToolContext): string {
  const output = plainOutput(result.output).trimEnd();
  if (output === "") return end;
  const dear = byteLength(output) / output.length;
  const shown = cutMiddle(output, Math.floor((contentLimit(context) - end.length) / dear));
  if (shown === output) return `${output}\n${end}`;
  const handle = context.results.keep(output);
  return `${shown}\n[all of it: read_file {"path": "${handle}"}]\n${end}`;
}
