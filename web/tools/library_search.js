/**
 * A folder of cutouts, vectors and queries goes in, what the library's search makes of them is written there.
 *
 * `node library_search.js tables|passages|rankings|speed FOLDER`, as bench/library/node.py calls it.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { libraryModules } from "./library_bundle.js";

const library = await libraryModules();
const [job, folder] = process.argv.slice(2);

const lines = (name) => readFileSync(`${folder}/${name}`, "utf8").trim().split("\n").map(JSON.parse);
const save = (name, value) => writeFileSync(`${folder}/${name}`, JSON.stringify(value));
const settings = () => JSON.parse(readFileSync(`${folder}/settings.json`, "utf8"));

/** Return the rows of a file of float32 numbers. */
function rowsOf(name, dim) {
  const { buffer, byteOffset, byteLength } = readFileSync(`${folder}/${name}`);
  const numbers = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return Array.from({ length: numbers.length / dim }, (_, row) => numbers.subarray(row * dim, (row + 1) * dim));
}

/** Write the SQL of the library's tables, for a file that is filled elsewhere. */
function tables() {
  save("tables.json", { steps: library.STEPS, applicationId: library.APPLICATION_ID });
}

/** Write for each cutout its passages, which are to be embedded, and the number of its title. */
function passages() {
  const cutouts = lines("cutouts.jsonl");
  save("passages.json", cutouts.map(library.passagesOf));
  save(
    "title_hashes.json",
    cutouts.map(({ title }) => library.titleHash(title)),
  );
}

/** Return a library of the cutouts, with their vectors. */
async function filled(dim) {
  const { db } = library.openDatabase(await library.memoryPlace());
  const vectors = rowsOf("passages.f32", dim);
  const space = library.spaceId(db, "bench", dim);
  const counts = JSON.parse(readFileSync(`${folder}/passages.json`, "utf8")).map((passages) => passages.length);
  const cutouts = lines("cutouts.jsonl");
  let passage = 0;
  db.exec("BEGIN");
  for (const [place, cutout] of cutouts.entries()) {
    library.insertCutout(db, cutout);
    library.storeVectors(db, space, place + 1, vectors.slice(passage, passage + counts[place]));
    passage += counts[place];
  }
  db.exec("DELETE FROM job; COMMIT");
  return { db, cutouts, vectors, owners: counts.flatMap((count, place) => Array(count).fill(place + 1)) };
}

const first = (ranked) => ranked.ids.slice(0, 10);

/** Write the ten best of each query: by words, by meaning, by ranks, and by each share of meaning. */
async function rankings() {
  const { dim, titles, shares } = settings();
  const { db } = await filled(dim);
  const { vectors } = library.loadVectors(db, "bench");
  const queryVectors = rowsOf("queries.f32", dim);
  const found = lines("queries.jsonl").map(({ text }, place) => {
    const query = library.parseQuery(`${text} `);
    const allowed = library.allowedBy(db, query.filters);
    const meaning = vectors.nearest(queryVectors[place], library.NEAREST, allowed);
    const similarity = (id) => vectors.similarity(queryVectors[place], id);
    const byTitle = titles.map((title) => {
      const words = library.findWords(db, query.terms, allowed, { weights: { ...library.WEIGHTS, title } });
      const fused = shares.map((share) => first(library.fuse(words, meaning, similarity, share)));
      return { words: first(words), ranks: first(library.reciprocalRanks([words, meaning])), fused };
    });
    return { meaning: first(meaning), byTitle };
  });
  save("rankings.json", found);
}

/** Write how long searches take, what two stages find of what one would, and how large the database is. */
async function speed() {
  const { dim, candidates } = settings();
  const begun = performance.now();
  const { db, cutouts, vectors: exact, owners } = await filled(dim);
  const filling = performance.now() - begun;
  const text = new TextEncoder();
  const own = cutouts.map((one) => text.encode(one.title + one.body + one.note + one.address).length);
  const bytes = db.selectValue("PRAGMA page_count") * db.selectValue("PRAGMA page_size");
  const loading = performance.now();
  const index = library.loadVectors(db, "bench");
  const loaded = performance.now() - loading;
  const queries = lines("queries.jsonl").map(({ text }) => text);
  const vectors = rowsOf("queries.f32", dim);
  const allowed = library.allowedBy(db, library.parseQuery("").filters);
  const wanted = (place, vector) => ({ text: queries[place], vector, limit: 20, offset: 0 });
  const ways = {
    words: (place) => library.search(db, null, wanted(place, null)),
    vectors: (place) => index.vectors.nearest(vectors[place], library.NEAREST, allowed),
    hybrid: (place) => library.search(db, index, wanted(place, vectors[place])),
    list: () => library.listCutouts(db, { filters: library.parseQuery("").filters, after: null, limit: 50 }),
  };
  const times = Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, timed(queries, way)]));
  const tenBest = (count) => vectors.map((query) => index.vectors.nearest(query, 10, allowed, count).ids);
  const best = vectors.map((query) => nearestExactly(query, exact, owners));
  const everyRow = tenBest(index.vectors.passages);
  const recall = [...candidates, index.vectors.passages].map((count) => {
    const found = tenBest(count);
    return { exact: shared(found, best), rows: shared(found, everyRow) };
  });
  const each = (bytes - own.reduce((a, b) => a + b)) / cutouts.length;
  save("speed.json", { times, recall, beyondText: each, filling, loaded, passages: index.vectors.passages });
}

/** Return which share of `best` is in `found`. */
function shared(found, best) {
  const both = found.map((ids, place) => ids.filter((id) => best[place].includes(id)).length);
  return both.reduce((a, b) => a + b) / best.flat().length;
}

/** Return milliseconds of each query, after a round that is not counted. */
function timed(queries, way) {
  const places = [...queries.keys()];
  for (const place of places.slice(0, 50)) way(place);
  return places.map((place) => {
    const begun = performance.now();
    way(place);
    return performance.now() - begun;
  });
}

/** Return the ten cutouts with the best passages, by float32 vectors, each compared. */
function nearestExactly(query, vectors, owners) {
  const best = new Float64Array(owners.at(-1) + 1).fill(-2);
  for (let place = 0; place < vectors.length; place++) {
    const vector = vectors[place];
    let sum = 0;
    for (let k = 0; k < query.length; k++) sum += query[k] * vector[k];
    if (sum > best[owners[place]]) best[owners[place]] = sum;
  }
  return Array.from(best.keys())
    .sort((a, b) => best[b] - best[a])
    .slice(0, 10);
}

await { tables, passages, rankings, speed }[job]();
