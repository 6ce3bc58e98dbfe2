/** Orders of the bench come in, answers go out: a worker that does with the library's own code what its door does not offer. */

import { openDatabase } from "../library/database.ts";
import { allowedBy } from "../library/search/filters.ts";
import { loadVectors, parseQuery } from "../library/search/index.ts";
import { NEAREST } from "../library/search/search.ts";
import { loadSqlite, openPool, POOL } from "../library/sqlite.ts";

/** Bring the prepared file into the browser's storage as the library. */
async function place() {
  const sqlite = await loadSqlite();
  const pool = await sqlite.installOpfsSAHPoolVfs({ ...POOL, initialCapacity: 12 });
  const reader = (await fetch("./library.sqlite")).body.getReader();
  return await pool.importDb("/library-1.sqlite", async () => (await reader.read()).value);
}

/** Return how long vectors take to load and queries to be compared with, and the ten nearest, also with every row scored. */
async function vectors({ space, queries }) {
  const { db } = openDatabase(await openPool());
  const begun = performance.now();
  const index = loadVectors(db, space);
  const loaded = performance.now() - begun;
  const numbers = new Float32Array(await (await fetch("./queries.f32")).arrayBuffer());
  const { dim, passages } = index.vectors;
  const wanted = Array.from({ length: queries }, (_, row) => numbers.subarray(row * dim, (row + 1) * dim));
  const allowed = allowedBy(db, parseQuery("").filters);
  for (const query of wanted.slice(0, 50)) index.vectors.nearest(query, NEAREST, allowed);
  const times = wanted.map((query) => {
    const asked = performance.now();
    index.vectors.nearest(query, NEAREST, allowed);
    return performance.now() - asked;
  });
  const nearest = [undefined, passages].map((count) =>
    wanted.map((query) => index.vectors.nearest(query, 10, allowed, count).ids),
  );
  db.close();
  return { loaded, times, nearest, passages };
}

const JOBS = { place, vectors };
addEventListener("message", async ({ data: { job, settings } }) => {
  try {
    postMessage({ answer: await JOBS[job](settings) });
  } catch (error) {
    postMessage({ error: `${job}: ${error.stack}` }); // the page would hear nothing of it
  }
});
