/** Players of YouTube and Vimeo, by the pages that a person would open. */

import { expect, test } from "vitest";
import { ownPage } from "./players.ts";

test.each([
  ["https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&pp=x&t=5", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"],
  ["https://m.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"],
  ["https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=3", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"],
  ["https://youtu.be/dQw4w9WgXcQ?t=62", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"],
  ["https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/shorts/dQw4w9WgXcQ"],
  ["https://player.vimeo.com/video/76979871?autoplay=1", "https://vimeo.com/76979871"],
  ["https://player.vimeo.com/video/76979871?h=8272103f6e", "https://vimeo.com/76979871/8272103f6e"],
  ["https://vimeo.com/76979871/8272103f6e", "https://vimeo.com/76979871/8272103f6e"],
])("%s is shown on %s", (address, page) => {
  expect(ownPage(address)).toBe(page);
});

test.each([
  "https://www.youtube.com/",
  "https://youtu.be/",
  "https://www.youtube.com/watch?v=%22%3E%3Cscript%3E",
  "https://youtube.com.example.org/watch?v=dQw4w9WgXcQ",
  "https://vimeo.com/blog",
  "javascript:youtube.com/watch?v=dQw4w9WgXcQ",
  "about:srcdoc",
  "no address",
])("%s has no page of its own", (address) => {
  expect(ownPage(address)).toBeUndefined();
});
