/** The user's message as the model reads it. */

import { askCall } from "./calls.ts";
import { ASK_PLAN } from "./plan.ts";
import { nameList } from "../../name_list.ts";

/** Most files that are named. */
const MOST_UNDONE = 20;

/** Above the first message after an undo: the history speaks of these files as the model left them. */
export function takenBack(paths: readonly string[]): string {
  return `Note: the user took your changes of these files back: ${
    nameList(paths, MOST_UNDONE)
  }. They are as they were before.`;
}

export const FIRST_LOOK_HEADER = "Files of the project that this may be about:";

/**
 * The user's message: the files that were found for it, the task, and how to begin. Measured with Qwen2.5-Coder-1.5B, raw dialect, one call
 * each at temperature 0, 2026-11-24: on ten small tasks 7 were done with the last line and 2 without it; on three failing tests 2 were mended
 * when it named the file to change and 0 when it did not (the model changed the test).
 * @param message `focus`: the file that the task is most likely to change; `undone`: files that were put back since the model's last reply
 */
export function userMessage(
  message: {
    task: string;
    files: string;
    wantsChange: boolean;
    focus?: string;
    planAsked?: boolean;
    anchor?: string;
    undone?: readonly string[];
  },
): string {
  const { files, focus, anchor, undone = [] } = message;
  const task = anchor ? `${message.task}\n\n${anchor}` : message.task;
  const asked = files === "" ? task : `${FIRST_LOOK_HEADER}\n\n${files}\n\nTask: ${task}`;
  const look = undone.length === 0 ? asked : `${takenBack(undone)}\n\n${asked}`;
  if (!message.wantsChange) return look;
  return `${look}\n\n${message.planAsked ? `${ASK_PLAN}\n` : ""}${askCall(focus)}`;
}
