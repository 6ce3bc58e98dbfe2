/** How much of a page is looked at and kept, beside what the library itself keeps at most. */

/** A page can be as large as it likes; docs/extension.md says these. */
export const AT_MOST = {
  /** Characters of clean HTML; longer HTML is left out, since half an element is none. */
  html: 1_000_000,
  /** Nodes that are copied of a selection, and how deep they may stand in each other. */
  copied: 50_000,
  depth: 100,
  /** Characters of a description, an alternative text and a caption. */
  line: 2_000,
  /** Elements of a page that the reader library is given, and how deep they may stand; else the page's visible text is taken. */
  readElements: 50_000,
  readDepth: 500,
  /** Characters of a page, white space not counted, among which a passage is looked for. */
  searched: 20_000_000,
  /** Nodes that are passed in search of the words before or after a passage. */
  passed: 5_000,
  /** Frames within frames of the same site, and shadow trees. */
  frames: 100,
  trees: 10_000,
  /** Bytes of a picture, and the longer side in pixels of one that is drawn. */
  picture: 8_000_000,
  side: 2_048,
  /** Milliseconds that a picture may take to come. */
  wait_ms: 10_000,
} as const;
