/** One small export per format, written for these tests, and what it holds. */

import { APP_SAMPLES, json, type Sample } from "./app_samples.testing.ts";
import { type Incoming, type ReadOptions, type Row, readExport } from "./index.ts";

const NETSCAPE = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks Menu</H1>
<DL><p>
    <DT><A HREF="place:sort=8&maxResults=10" ADD_DATE="1460294956">Most Visited</A>
    <DT><H3 ADD_DATE="1463688081">Bread &amp; Butter</H3>
    <DD>Things to bake
    <DL><p>
        <DT><A HREF="https://rye.example/a?b=1&amp;c=2" ADD_DATE="1463686493" ICON="data:image/png;base64,AAAA" SHORTCUTURL="rye" TAGS="sour,dark rye">Rye &lt;bread&gt;</A>
        <DD>Needs a day &amp; a half.
    </DL><p>
    <HR>
    <DT><A HREF="javascript:alert(1)" ADD_DATE="1463686613">Print it</A>
    <DT><A HREF="https://oats.example/">Oats</A>
</DL><p>
`;

const POCKET_HTML = `<!DOCTYPE html>
<html><head><title>Pocket Export</title></head><body>
<h1>Unread</h1>
<ul>
<li><a href="https://kites.example/wind" time_added="1493913054" tags="kites,wind">Kites &amp; wind</a></li>
<li><a href="https://kites.example/tails" time_added="1493909628" tags="">Tails</a></li>
</ul>
<h1>Read Archive</h1>
<ul></ul></body></html>`;

const CHROME = {
  checksum: "0",
  roots: {
    bookmark_bar: {
      name: "Lesezeichenleiste",
      type: "folder",
      children: [
        {
          name: "Boats",
          type: "folder",
          children: [
            { name: "Canoes", type: "url", url: "https://canoe.example/", date_added: "13118850929335823" },
            { name: "Kayaks", type: "url", url: "https://kayak.example/", date_added: "0" },
          ],
        },
      ],
    },
    other: { name: "Other bookmarks", type: "folder", children: [] },
    trash: { name: "Trash", type: "folder", children: [{ name: "Rafts", type: "url", url: "https://raft.example/" }] },
  },
  version: 1,
};

const FIREFOX = {
  guid: "root________",
  type: "text/x-moz-place-container",
  root: "placesRoot",
  children: [
    {
      title: "toolbar",
      type: "text/x-moz-place-container",
      root: "toolbarFolder",
      children: [
        {
          title: "Bees",
          type: "text/x-moz-place-container",
          children: [
            {
              title: "Hives",
              type: "text/x-moz-place",
              uri: "https://hive.example/",
              dateAdded: 1388166091644000,
              tags: "wax,honey",
              annos: [{ name: "bookmarkProperties/description", value: "How to build one" }],
            },
            { type: "text/x-moz-place-separator" },
            { title: "Recent", type: "text/x-moz-place", uri: "place:type=6" },
          ],
        },
      ],
    },
    { title: "mobile", type: "text/x-moz-place-container", root: "mobileFolder" },
  ],
};

const RSS = `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel><title>Mine</title><link>https://feed.example/</link></channel>
<item rdf:about="https://clay.example/"><title>Clay &amp; fire</title><link>https://clay.example/</link>
<description>&lt;p&gt;My &lt;b&gt;kiln&lt;/b&gt;&lt;/p&gt;</description>
<dc:date>2018-11-08T21:29:32+00:00</dc:date><dc:subject>pots fire</dc:subject></item></rdf:RDF>`;

/** By the id of the format. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  "netscape-html": {
    text: NETSCAPE,
    read: ["https://rye.example/a?b=1&c=2", "https://oats.example/"],
    tags: ["Bread & Butter", "sour", "dark rye"],
    skipped: 2,
  },
  "pocket-html": {
    text: POCKET_HTML,
    read: ["https://kites.example/wind", "https://kites.example/tails"],
    tags: ["kites", "wind"],
    skipped: 0,
  },
  "chrome-json": json(CHROME, ["https://canoe.example/", "https://kayak.example/", "https://raft.example/"], ["Boats"]),
  "firefox-json": json(FIREFOX, ["https://hive.example/"], ["Bees", "wax", "honey"], 1),
  ...APP_SAMPLES,
  "pinboard-xml": {
    text: `<?xml version="1.0" encoding="UTF-8"?><posts user="me">
<post href="https://lisp.example/?a=1&amp;b=2" time="2018-11-19T08:38:53Z" description="Lisp &amp; more" extended="" tag="code parens" />
<post href="" description="nothing" /></posts>`,
    read: ["https://lisp.example/?a=1&b=2"],
    tags: ["code", "parens"],
    skipped: 1,
  },
  feed: { text: RSS, read: ["https://clay.example/"], tags: ["pots", "fire"], skipped: 0 },
  "cutouts-csv": {
    text: `key,kind,title,address,text,note,tags,created
"1","page","'=Sum","https://sum.example/","","'-1; '+2","'@home,one, two","2024-01-02T03:04:05.678Z"
"2","image","Only a title","","","","","2024-01-02T03:04:05.678Z"
`,
    read: ["https://sum.example/"],
    tags: ["@home", "one", "two"],
    skipped: 1,
  },
  "pocket-csv": {
    text: "title,url,time_added,tags,status\nGlass,https://glass.example/,1541343937,clear|blown,unread\n",
    read: ["https://glass.example/"],
    tags: ["clear", "blown"],
    skipped: 0,
  },
  "instapaper-csv": {
    text: `URL,Title,Selection,Folder,Timestamp,Tags
https://wool.example/,"Wool, washed",It shrinks,Unread,1679174385,"[""knit"",""felt""]"
https://silk.example/,Silk,,Cloth,1679174386,[]
`,
    read: ["https://wool.example/", "https://silk.example/"],
    tags: ["knit", "felt"],
    skipped: 0,
  },
  "raindrop-csv": {
    text: `id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite
1,Rain,"First line
Second ""line""",Water from above,https://rain.example/,Weather/Wet,"cloud, umbrella",2024-01-02T03:04:05.123Z,,,true
2,Hail,,,https://hail.example/,Unsorted,,2024-01-02T03:04:05.123Z,,,false
`,
    read: ["https://rain.example/", "https://hail.example/"],
    tags: ["Weather", "Wet", "cloud", "umbrella"],
    skipped: 0,
  },
  "reader-csv": {
    text: "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen\nOwls,https://owl.example/,01g,\"['night', 'bird']\",2022-11-06 04:33:50+00:00,0,new,True\n",
    read: ["https://owl.example/"],
    tags: ["night", "bird"],
    skipped: 0,
  },
  "readwise-csv": {
    text: `Highlight,Book Title,Book Author,Amazon Book ID,Note,Color,Tags,Location Type,Location,Highlighted at,Document tags
"All rivers run
to the sea.",Ecclesiastes,,B00,Which one?,yellow,"water, sea",page,3,2026-01-17 14:00:25+00:00,old
`,
    read: ["Ecclesiastes"],
    tags: ["water", "sea", "old"],
    skipped: 0,
  },
  csv: {
    text: "Link;Name;Labels;Notes;Date\nhttps://salt.example/;Salt;white,fine;From the sea;2020-02-03\n;Nothing;;;\n",
    read: ["https://salt.example/"],
    tags: ["white", "fine"],
    skipped: 1,
  },
  json: json(
    [{ href: "https://iron.example/", name: "Iron", labels: ["red"], text: "Rusts." }, { name: "only a name" }],
    ["https://iron.example/"],
    ["red"],
    1,
  ),
  jsonl: {
    text: `{"url":"https://tin.example/","title":"Tin","tags":["soft"],"dateAdded":1541343937000}
{"text":"Zinc is blue-white.","title":"Zinc"}

{"url":
`,
    read: ["https://tin.example/", "Zinc"],
    tags: ["soft"],
    skipped: 1,
  },
};

/** Return all rows of a file with this content. */
export async function rowsOf(content: BlobPart, options?: ReadOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of readExport(new Blob([content]), options)) rows.push(row);
  return rows;
}

/** Return the saved things of a file, of which no row may be skipped. */
export async function incomingOf(content: BlobPart, options?: ReadOptions): Promise<Incoming[]> {
  return (await rowsOf(content, options)).map((row) => {
    if ("why" in row) throw new Error(`row ${row.row} was skipped: ${row.why}`);
    return row;
  });
}

/** Return why rows of a file were skipped. */
export async function reasonsOf(content: BlobPart, options?: ReadOptions): Promise<string[]> {
  return (await rowsOf(content, options)).flatMap((row) => ("why" in row ? [row.why] : []));
}
