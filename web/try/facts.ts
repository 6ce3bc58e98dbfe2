/** The state goes in, what is known about the model, its bytes and its speed comes out as a list. */

import { make } from "./elements.ts";
import { bytes, milliseconds } from "./format.ts";
import type { State } from "./store.ts";

/** Return the entries of the list of facts: terms and descriptions. */
export function facts({ loading, tagging }: State): HTMLElement[] {
  if (loading.phase !== "ready") return [];
  const { manifest, report } = loading;
  const accuracy = manifest.metrics.accuracy ?? manifest.metrics.micro_f1;
  return [
    fact("Time for this text", tagging === undefined ? "–" : milliseconds(tagging.milliseconds)),
    fact("Model", bytes(report.bytes), `${source(report)} in ${milliseconds(report.milliseconds)}`),
    fact("Encoder", manifest.encoder.name, `${manifest.encoder.dim} numbers`),
    fact("Labels", String(manifest.labels.length), manifest.multiple ? "several per text" : "one per text"),
    ...(typeof accuracy === "number"
      ? [
          fact(
            manifest.metrics.accuracy === undefined ? "Micro F1" : "Accuracy",
            accuracy.toFixed(3),
            "on texts it never saw",
          ),
        ]
      : []),
    fact("Self-test", "passed", `${report.selfTestTexts} texts answered as in Python`),
  ];
}

function source({
  bytes: total,
  bytesFromCache,
  bytesFromNetwork,
}: {
  bytes: number;
  bytesFromCache: number;
  bytesFromNetwork: number;
}): string {
  if (bytesFromCache >= total) return "from an earlier visit";
  return bytesFromCache === 0 ? "from the network" : `${bytes(bytesFromNetwork)} of it from the network`;
}

function fact(term: string, value: string, detail = ""): HTMLElement {
  const description = make("dd", {}, make("span", { class: "value" }, value));
  if (detail !== "") description.append(make("span", { class: "detail" }, detail));
  return make("div", {}, make("dt", {}, term), description);
}
