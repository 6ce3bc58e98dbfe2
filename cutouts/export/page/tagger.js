// A text in, its tags out: USE lite and a small network on TensorFlow.js, as Cutouts trained them.
//
// Needs the globals `tf` and `use` of the scripts in tfjs/ (index.html loads them), and a server for
// the folder that this file lies in. Nothing is asked from anywhere else. Both models stay in this
// browser's IndexedDB, so only the first visit downloads them.
//
//   import { loadTagger } from "./tagger.js";
//   const tagger = await loadTagger();
//   const { tags, probabilities } = await tagger.tag("Is the big hall free on Sunday?");

const HERE = new URL("./", import.meta.url);

/**
 * Load both models and compare their answers to a few texts with those of Python.
 *
 * `onProgress` gets `{ stage, loaded, total }`, in bytes while files come. Throws an Error with a
 * sentence for people when a file is missing or altered, or when this browser answers differently.
 */
export async function loadTagger({ onProgress = () => {} } = {}) {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // threads need headers that few hosts send
  tf.wasm.setWasmPaths(new URL("tfjs/", HERE).href);
  if (!(await tf.setBackend("wasm"))) {
    throw new Error("TensorFlow.js cannot start here: use a browser with WebAssembly and SIMD.");
  }
  registerSums();
  const settings = await (await ask("cutouts.json", { cache: "no-cache" })).json();
  const files = new Files(settings.files, onProgress);
  const [graph, head] = await Promise.all([
    kept(files, "encoder", tf.loadGraphModel),
    kept(files, "head", tf.loadLayersModel),
  ]);
  const encoder = new use.UniversalSentenceEncoder(); // its load() would ask for the vocabulary
  encoder.model = graph;
  encoder.tokenizer = new use.Tokenizer(graph.metadata.vocabulary);
  const tagger = new Tagger(settings, encoder, head, files.notKept);
  onProgress({ stage: "checking", loaded: files.loaded, total: files.total });
  await compare(tagger, settings);
  return tagger;
}

class Tagger {
  constructor(settings, encoder, head, notKept) {
    this.name = settings.name;
    this.labels = settings.labels; // [{ name, threshold }]
    this.notKept = notKept; // why the models will be downloaded again next time, or null
    this.settings = settings;
    this.encoder = encoder;
    this.head = head;
  }

  /** Return `{ tags, probabilities }`: names, most probable first, and a number for each label. */
  async tag(text) {
    const whole = prepare(text, this.settings.max_chars);
    // A text without a piece has a vector only when another text comes after it.
    const vectors = await this.encoder.embed(whole === "" ? ["", " "] : [whole]);
    const output = tf.tidy(() => this.head.predict(vectors.slice([0, 0], [1, -1])));
    const probabilities = Array.from(await output.data());
    tf.dispose([vectors, output]);
    return { tags: this.decide(probabilities), probabilities };
  }

  decide(probabilities) {
    const order = probabilities.map((_, label) => label);
    order.sort((a, b) => probabilities[b] - probabilities[a]); // stable: the first among equals
    const asked = this.settings.multiple ? order : order.slice(0, 1);
    const given = asked.filter((label) => probabilities[label] >= this.labels[label].threshold);
    return given.map((label) => this.labels[label].name);
  }
}

/** Half of a surrogate pair that stands alone becomes U+FFFD; code points are counted, not units. */
function prepare(text, maxChars) {
  const whole = text.replace(/\p{Surrogate}/gu, "\uFFFD");
  return whole.length <= maxChars ? whole : Array.from(whole).slice(0, maxChars).join("");
}

/** What a model is made of, fetched, counted and checked against its sha256. */
class Files {
  constructor(listed, onProgress) {
    this.listed = listed; // { path: { bytes, sha256 } }
    this.onProgress = onProgress;
    this.loaded = 0;
    this.total = 0;
    this.notKept = null;
  }

  paths(folder) {
    return Object.keys(this.listed).filter((path) => path.startsWith(`${folder}/`));
  }

  /** The address under which this browser keeps the model; another model has another one. */
  address(folder) {
    const hashes = this.paths(folder).map((path) => this.listed[path].sha256.slice(0, 16));
    return `indexeddb://cutouts${HERE.pathname}${folder}/${hashes.join("-")}`;
  }

  async fetch(url) {
    const path = decodeURI(new URL(url, HERE).pathname.slice(HERE.pathname.length));
    const response = await ask(path, { cache: "no-cache" });
    const bytes = new Uint8Array(this.listed[path].bytes);
    let size = 0;
    for await (const part of parts(response)) {
      if (size + part.length <= bytes.length) bytes.set(part, size);
      size += part.length;
      this.loaded += part.length;
      this.onProgress({ stage: "downloading", loaded: this.loaded, total: this.total });
    }
    if (size !== bytes.length || !(await isWhole(bytes, this.listed[path].sha256))) {
      throw new Error(`${path} is not the file that was exported: copy the whole folder again.`);
    }
    return new Response(bytes, { headers: { "Content-Type": "application/json" } });
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(new URL(path, HERE), options);
  } catch {
    throw new Error(`${path} cannot be reached: check the connection and load the page again.`);
  }
  if (!response.ok) {
    throw new Error(`${path} is missing (${response.status}): copy the whole folder again.`);
  }
  return response;
}

async function* parts(response) {
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

/** Browsers offer hashes on https and localhost only; elsewhere the answers below are the check. */
async function isWhole(bytes, sha256) {
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** Return the model that this browser has kept, or download it and keep it. */
async function kept(files, folder, load) {
  const address = files.address(folder);
  const former = await keptAddresses(address.slice(0, address.lastIndexOf("/") + 1));
  if (former.includes(address)) {
    try {
      return await load(address);
    } catch (error) {
      console.warn(`${address} cannot be read and is downloaded again`, error);
    }
  }
  for (const path of files.paths(folder)) files.total += files.listed[path].bytes;
  const url = new URL(`${folder}/model.json`, HERE).href;
  const model = await load(url, { fetchFunc: (asked) => files.fetch(asked) });
  try {
    await Promise.all(former.map((old) => tf.io.removeModel(old)));
    await model.save(address);
  } catch (error) {
    files.notKept = error.message; // storage is full or forbidden: the model works all the same
  }
  return model;
}

async function keptAddresses(prefix) {
  try {
    return Object.keys(await tf.io.listModels()).filter((address) => address.startsWith(prefix));
  } catch {
    return []; // a browser that keeps nothing; saving will say why
  }
}

/** Throw, and forget both models, when an answer is not Python's. */
async function compare(tagger, { checks, tolerance, files }) {
  for (const { text, probabilities } of checks) {
    const found = (await tagger.tag(text)).probabilities;
    const worst = Math.max(...probabilities.map((p, label) => Math.abs(p - found[label])));
    if (!(worst <= tolerance)) {
      const all = new Files(files);
      for (const folder of ["encoder", "head"]) {
        const address = all.address(folder);
        if ((await keptAddresses(address)).length > 0) await tf.io.removeModel(address);
      }
      throw new Error(`This browser answers otherwise than Python (${worst.toPrecision(2)} apart).`);
    }
  }
}

// TensorFlow.js has no float64. These two sums need it: what comes next is rounded to whole steps,
// and the last digit of a float32 sum would now and then decide to which.
export function registerSums() {
  /** Rows of x, (pieces, width), with mean 0 and deviation 1. */
  tf.registerOp("NormaliseInFloat64", ({ inputs: [x], attrs: { epsilon } }) => {
    const [rows, width] = x.shape;
    const values = x.dataSync();
    const out = new Float32Array(values.length);
    for (let start = 0; start < rows * width; start += width) {
      let sum = 0;
      let squares = 0;
      for (let i = start; i < start + width; i++) {
        sum += values[i];
        squares += values[i] * values[i];
      }
      const mean = sum / width;
      const variance = Math.max(squares / width - mean * mean, 0);
      const middle = Math.fround(mean);
      const inverse = Math.fround(1 / Math.sqrt(variance + epsilon));
      for (let i = start; i < start + width; i++) out[i] = Math.fround(values[i] - middle) * inverse;
    }
    return tf.tensor2d(out, [rows, width]);
  });
  /** The mean over each text's rows of x, (texts, width); `text` says whose each row is. */
  tf.registerOp("MeanInFloat64", ({ inputs: [x, text] }) => {
    const width = x.shape[1];
    const values = x.dataSync();
    const owners = text.dataSync();
    const texts = 1 + owners.reduce((a, b) => Math.max(a, b), 0);
    const sums = new Float64Array(texts * width);
    const counts = new Float64Array(texts);
    owners.forEach((owner, row) => {
      counts[owner] += 1;
      for (let i = 0; i < width; i++) sums[owner * width + i] += values[row * width + i];
    });
    const means = sums.map((sum, i) => sum / Math.max(1, counts[Math.floor(i / width)]));
    return tf.tensor2d(Float32Array.from(means), [texts, width]);
  });
}
