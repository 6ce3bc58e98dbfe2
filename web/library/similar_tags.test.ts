/** Tags that are likely one tag written twice. */

import { expect, test } from "vitest";
import { similarTags } from "./similar_tags.ts";

function pairs(...names: string[]): string[] {
  const tags = names.map((name, place) => ({ name, cutouts: names.length - place }));
  return similarTags(tags).map(({ keep, other }) => `${keep} ${other}`);
}

test.each([
  ["javascript", "java-script"],
  ["recipes", "recipe"],
  ["café culture", "Cafe Culture"],
  ["gardening", "gardenning"],
  ["typescript", "typsecript"],
  ["machine learning", "machine-learnin"],
])("%s and %s are alike", (keep, other) => {
  expect(pairs(keep, other)).toEqual([`${keep} ${other}`]);
});

test.each([
  ["cat", "car"],
  ["css", "cs"],
  ["python2", "python3"],
  ["history", "chemistry"],
  ["漢字", "漢方"],
  ["!", "?"],
])("%s and %s are two tags", (keep, other) => {
  expect(pairs(keep, other)).toEqual([]);
});

test("the tag that more cutouts have is the one to keep", () => {
  const tags = [
    { name: "recipe", cutouts: 2 },
    { name: "recipes", cutouts: 9 },
  ];
  expect(similarTags(tags)).toEqual([{ keep: "recipes", other: "recipe" }]);
});
