/** The names of files that were bundled or copied go in; the licences of the packages that they are of come out, as one text. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OWN = fileURLToPath(new URL("../../LICENSE", import.meta.url));
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;
const TEXT = /^licen[cs]e(?:[.-].*)?$/i;
const RULE = "-".repeat(79);

/** Return the folder of the package that a module is of, or undefined where it is one of ours. */
export function packageOf(id) {
  return PACKAGE.exec(id)?.[0];
}

/** Return a plugin of rolldown's and Vite's that adds the package of each module that is bundled to a set. */
export function notePackages(packages) {
  return {
    name: "cutouts-note-packages",
    generateBundle(_, files) {
      for (const { moduleIds = [] } of Object.values(files))
        for (const folder of moduleIds.map(packageOf)) if (folder !== undefined) packages.add(folder);
    },
  };
}

/** Return our licence, then each package's name, version, licence, and that one's text where the package has it. */
export function licences(packages) {
  const others = [...packages].map(described).sort();
  const own = `Cutouts, Apache-2.0\n\n${readFileSync(OWN, "utf8").trim()}\n`;
  const parts = `It holds parts of ${others.length} packages, under their own licences:\n`;
  return [own, parts, ...others].join(`\n${RULE}\n\n`);
}

function described(folder) {
  const { name, version, license, homepage } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  if (!license) throw new Error(`${name} names no licence: take another package`);
  const files = readdirSync(folder).filter((file) => TEXT.test(file));
  const texts = files.sort().map((file) => readFileSync(`${folder}/${file}`, "utf8").trim());
  const head = [`${name} ${version}, ${license}`, ...(homepage ? [homepage] : [])].join("\n");
  return `${[head, ...texts].join("\n\n")}\n`;
}
