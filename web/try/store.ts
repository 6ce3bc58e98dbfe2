/** What happened goes in, the page's whole state comes out to whoever listens. */

import type { LoadReport, Manifest, Progress, Tagging } from "../runtime/index.ts";

/** Everything that the page shows. */
export interface State {
  readonly loading: Loading;
  readonly text: string;
  /** The answer to `text`, or to the text just before it while the next one is computed. */
  readonly tagging: Tagging | undefined;
  readonly online: boolean;
  readonly allLabels: boolean;
}

export type Loading =
  | { readonly phase: "loading"; readonly progress: Progress }
  | { readonly phase: "ready"; readonly manifest: Manifest; readonly report: LoadReport }
  | { readonly phase: "failed"; readonly message: string };

export type Listener = (state: State, before: State) => void;

/** The one state of the page. */
export class Store {
  private state: State;
  private readonly listeners: Listener[] = [];

  constructor(state: State) {
    this.state = state;
  }

  get(): State {
    return this.state;
  }

  /** Replace some fields and tell everyone. */
  set(change: Partial<State>): void {
    const before = this.state;
    this.state = { ...before, ...change };
    for (const listener of this.listeners) listener(this.state, before);
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }
}
