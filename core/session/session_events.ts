/** The events of a session: each loses its secrets, gets its place, is stored, published, and told to the plugins. */

import type { Emit, Event, EventBody } from "../events.ts";
import { openEventMask } from "../store/event_mask.ts";
import type { Store } from "../store/store.ts";

/** Turn and step that an event belongs to; a turn's first step is 1, before it 0. */
interface Place {
  readonly turn: number;
  readonly step: number;
}

export interface SessionEvents {
  readonly emit: Emit;
  readonly place: () => Place;
  readonly beginTurn: () => void;
  /** The newest epoch. */
  readonly epoch: () => number;
  /** Tokens of the newest request. */
  readonly promptTokens: () => number;
  /** Tells each event to the plugins too, from now on. */
  readonly tellPlugins: (onEvent: (event: Event) => void) => void;
  /** For an error that keeps events from being stored: it can still be told. */
  readonly publishUnstored: (error: Error) => void;
}

/** Opens them. @param mask takes the secrets out of a text. */
export function openEvents(about: {
  readonly session: string;
  /** Turns of the session so far. */
  readonly turns: number;
  readonly store: Store;
  readonly publish: (event: Event) => void;
  readonly mask: (text: string) => string;
}): SessionEvents {
  const { session, store, publish } = about;
  const maskEvent = openEventMask(about.mask);
  let place: Place = { turn: about.turns, step: 0 };
  let epoch = 1;
  let promptTokens = 0;
  let onEvent: (event: Event) => void = () => {};
  const tell = (body: EventBody) => {
    if (body.type === "step_start") {
      place = { ...place, step: place.step + 1 };
      promptTokens = body.promptTokens;
    }
    if (body.type === "epoch") epoch = body.epoch;
    const event = { at: Date.now(), session, ...place, ...body };
    store.append(event);
    publish(event);
    onEvent(event);
  };
  return {
    emit: (body) => maskEvent(body).forEach(tell),
    place: () => place,
    beginTurn: () => void (place = { turn: place.turn + 1, step: 0 }),
    epoch: () => epoch,
    promptTokens: () => promptTokens,
    tellPlugins: (given) => void (onEvent = given),
    publishUnstored: ({ name, message }) =>
      publish({ at: Date.now(), session, ...place, type: "error", name, message }),
  };
}
