/** What a failure of the model server means for the set-up commands. */

import type { Endpoint } from "../core/config/config.ts";
import type { ProviderError } from "../core/errors.ts";

/** Exit code of a command that could not use the server: 3 none there, 2 wrong key or model name, 1 otherwise. */
export function exitCodeOf(error: ProviderError): 1 | 2 | 3 {
  switch (error.fault) {
    case "unreachable":
      return 3;
    case "unauthorized":
    case "unknown_model":
      return 2;
    case "window_exceeded":
    case "rejected":
    case "unreadable":
    case "overloaded":
    case "cut":
      return 1;
  }
}

/** What the user can do about it. */
export function fixOf(error: ProviderError, endpoint: Endpoint): string {
  switch (error.fault) {
    case "unreachable":
      return `start the server at ${endpoint.baseUrl}, or choose another one: "smallcode provider"`;
    case "unauthorized":
      return 'set the key again: "smallcode provider"';
    case "unknown_model":
      return 'choose one of the models it has: "smallcode provider"';
    case "window_exceeded":
      return "start the server with a larger window, e.g. llama-server -c 16384";
    case "rejected":
    case "unreadable":
      return `is ${endpoint.baseUrl} the address of an OpenAI-compatible server, with its /v1?`;
    case "overloaded":
    case "cut":
      return "look at the server's own log, and run smallcode doctor again";
  }
}
