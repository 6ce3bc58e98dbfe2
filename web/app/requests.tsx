/** What this page and the workers behind it asked of the network goes in, a list of it comes out. */

import { signal } from "@preact/signals";
import { type Asker, gatherRequests, type Requests } from "../requests.ts";
import { host } from "./host.ts";

/** The latest list of each page and worker. A worker that has stopped stays listed. */
const lists = signal<ReadonlyMap<string, Requests>>(new Map());
gatherRequests((requests) => {
  lists.value = new Map(lists.value).set(requests.id, requests);
});

const NAMES: Readonly<Record<Asker, string>> = {
  page: "this page",
  library: "the library",
  model: "the model",
  service: "what keeps the app for use without a network",
};

export function RequestList() {
  const all = [...lists.value.values()];
  const asked = all.flatMap((list) => list.asked.map((address) => ({ by: list.by, address })));
  const refused = all.flatMap((list) => list.refused);
  const unseen = [...new Set(all.filter(({ isSeen }) => !isSeen).map(({ by }) => NAMES[by]))];
  return (
    <section>
      <h3>Requests</h3>
      <p>
        {asked.length.toLocaleString()} by this page and the workers behind it since they began,{" "}
        {asked.filter(({ address }) => isElsewhere(address)).length.toLocaleString()} to another address.
      </p>
      {refused.length > 0 && (
        <p>
          {refused.length.toLocaleString()} more {refused.length === 1 ? "was" : "were"} refused by the page’s policy,
          and not sent: {[...new Set(refused)].join(", ")}
        </p>
      )}
      {unseen.length > 0 && <p class="failure">The browser does not tell of the requests of {unseen.join(", ")}.</p>}
      {host.value === null && (
        <p class="hint">
          Not among them is service.js, which the browser asks for by itself and which keeps the app for use without a
          network.
        </p>
      )}
      <details>
        <summary>Show them</summary>
        <ul class="requests">
          {asked.map(({ by, address }, place) => (
            <li key={place}>
              {address.replace(location.origin, "")} <span class="hint">{NAMES[by]}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

/** What is made of bytes in the page itself goes nowhere. */
function isElsewhere(address: string): boolean {
  const { origin, protocol } = new URL(address);
  return origin !== location.origin && protocol !== "data:" && protocol !== "blob:";
}
