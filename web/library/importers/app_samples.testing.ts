/** One small export per app that writes JSON, written for these tests, and what it holds. */

export interface Sample {
  readonly text: string;
  /** The address of each row that is read, or its title where it has none. */
  readonly read: readonly string[];
  /** The tags of the first. */
  readonly tags: readonly string[];
  /** How many rows are skipped. */
  readonly skipped: number;
}

/** Return the sample of a JSON document. */
export function json(text: unknown, read: readonly string[], tags: readonly string[], skipped = 0): Sample {
  return { text: JSON.stringify(text, null, 1), read, tags, skipped };
}

/** By the id of the format. */
export const APP_SAMPLES: Readonly<Record<string, Sample>> = {
  "pocket-json": json(
    {
      status: 1,
      list: {
        "11": {
          given_url: "https://moss.example/",
          given_title: "moss",
          resolved_title: "Moss",
          excerpt: "Soft and green.",
          time_added: "1541343937",
          tags: { green: { item_id: "11", tag: "green" } },
          status: "1",
        },
        "12": { given_url: "https://fern.example/", has_video: "2", status: "2" },
      },
    },
    ["https://moss.example/", "https://fern.example/"],
    ["green"],
  ),
  "pocket-highlights-json": json(
    [{ url: "https://ink.example/", title: "Ink", highlights: [{ quote: "Black as soot.", created_at: 1541343937 }] }],
    ["https://ink.example/"],
    [],
  ),
  "omnivore-json": json(
    [
      {
        id: "a",
        slug: "s",
        title: "Snow",
        url: "https://snow.example/",
        labels: ["cold"],
        savedAt: "2024-10-29T16:30:11.000Z",
      },
    ],
    ["https://snow.example/"],
    ["cold"],
  ),
  "pinboard-json": json(
    [
      {
        href: "https://type.example/",
        description: "Type",
        extended: "Serifs",
        time: "2016-06-07T11:27:08Z",
        tags: "a b.c",
      },
      7,
    ],
    ["https://type.example/"],
    ["a", "b.c"],
    1,
  ),
  "wallabag-json": json(
    [
      {
        title: "Rivers",
        url: "https://river.example/",
        is_archived: true,
        is_starred: 0,
        content: "<h2>Rivers</h2><script>x</script><p>They&nbsp;flow.<br>Down.</p>",
        created_at: "2016-09-08T11:55:58+0200",
        tags: ["water"],
        annotations: [{ text: "So they do", quote: "They flow" }],
        language: "en_GB",
      },
    ],
    ["https://river.example/"],
    ["water"],
  ),
  "readability-json": json(
    {
      bookmarks: [
        { article__url: "https://sea.example/", article__excerpt: "Salt&hellip;", date_added: "2016-08-01T05:24:16" },
      ],
    },
    ["https://sea.example/"],
    [],
  ),
  "elcurator-json": json(
    [
      {
        created_at: "2015-09-09 11:10:32 UTC",
        title: "Sand",
        url: "https://sand.example/",
        description: null,
        tags: ["dune"],
        is_saved: true,
      },
    ],
    ["https://sand.example/"],
    ["dune"],
  ),
  "delicious-json": json(
    [
      {
        title: "Soup",
        tags: ["hot", ""],
        url: "https://soup.example/",
        description: "Yum",
        created: "1358531607",
        others: 9,
        private: "0",
      },
    ],
    ["https://soup.example/"],
    ["hot"],
  ),
  "karakeep-json": json(
    {
      bookmarks: [
        {
          createdAt: 1700000000,
          title: "Lamp",
          tags: ["light"],
          lists: ["l2"],
          content: { type: "link", url: "https://lamp.example/" },
          note: "Warm",
        },
        { createdAt: 1700000001, title: "Idea", tags: [], content: { type: "text", text: "Make one" }, note: null },
        { createdAt: 1700000002, title: null, tags: [], content: null, note: null },
      ],
      lists: [
        { id: "l1", name: "Home", parentId: null },
        { id: "l2", name: "Room", parentId: "l1" },
      ],
    },
    ["https://lamp.example/", "Idea"],
    ["Home", "Room", "light"],
    1,
  ),
  "linkwarden-json": json(
    {
      collections: [
        { id: 1, name: "Wood", parentId: null, links: [] },
        {
          id: 2,
          name: "Oak",
          parentId: 1,
          links: [
            {
              name: "Planks",
              url: "https://oak.example/",
              description: "Old",
              tags: [{ id: 3, name: "hard" }],
              createdAt: "2024-03-01T10:00:00.000Z",
            },
          ],
        },
      ],
    },
    ["https://oak.example/"],
    ["Wood", "Oak", "hard"],
  ),
};
