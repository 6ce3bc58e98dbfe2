/** What tables and plain lists call their columns, as data.
 *
 * Headers as in the exports of Pocket (title,url,time_added,tags,status), Instapaper
 * (URL,Title,Selection,Folder,Timestamp,Tags), Raindrop (id,title,note,excerpt,url,folder,tags,created,cover,
 * highlights,favorite), Readwise Reader (Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen) and
 * Readwise (Highlight,Book Title,Book Author,Amazon Book ID,Note,Color,Tags,Location Type,Location,Highlighted at,
 * Document tags), as the tests of wallabag, shiori, linkding and other importers quote them.
 */

import { type Fields, textOf } from "./fields.ts";
import { unguarded } from "./formulas.ts";
import type { Kind } from "./incoming.ts";

const KINDS: readonly Kind[] = ["text", "page", "image", "video"];

/** Return the name of a column as the tables here write it: letters and digits, in lower case. */
export function columnName(header: string): string {
  return header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Any list whose columns have speaking names. */
export const PLAIN: Fields = {
  title: ["title", "name"],
  address: ["url", "address", "link", "href", "uri"],
  created: [
    "created",
    "createdat",
    "dateadded",
    "timeadded",
    "addedat",
    "savedat",
    "saved",
    "date",
    "timestamp",
    "time",
  ],
  body: ["text", "body", "highlight", "quote", "selection", "content"],
  passage: ["highlight", "quote", "selection"],
  note: ["note", "notes", "description", "excerpt", "comment", "comments"],
  tags: ["tags", "labels", "tag", "label", "keywords"],
  language: ["language", "lang"],
  folders: ["folder", "folders", "collection"],
  folderSeparator: "/",
  kind: (lookup) => KINDS.find((kind) => kind === (lookup("kind") ?? lookup("type"))),
  isTrashed: (lookup) => ["true", "1", "yes"].includes(textOf(lookup("istrashed") ?? lookup("trashed")).toLowerCase()),
};

/** The columns of the table that this app writes, in that order. */
export const OWN_COLUMNS = ["key", "kind", "title", "address", "text", "note", "tags", "created"] as const;

/** A table that an app writes: it is that app's when it has all these columns. */
export interface Table {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly fields: Fields;
}

export const TABLES: readonly Table[] = [
  {
    id: "cutouts-csv",
    name: "Cutouts (CSV)",
    columns: OWN_COLUMNS,
    fields: {
      title: ["title"],
      address: ["address"],
      created: ["created"],
      body: ["text"],
      note: ["note"],
      tags: ["tags"],
      tagSeparator: ",",
      kind: (lookup) => KINDS.find((kind) => kind === lookup("kind")),
      cell: unguarded,
    },
  },
  {
    id: "pocket-csv",
    name: "Pocket (CSV)",
    columns: ["title", "url", "timeadded", "tags"],
    fields: { title: ["title"], address: ["url"], created: ["timeadded"], tags: ["tags"], tagSeparator: "|" },
  },
  {
    id: "instapaper-csv",
    name: "Instapaper",
    columns: ["url", "title", "selection", "folder"],
    fields: {
      title: ["title"],
      address: ["url"],
      created: ["timestamp"],
      body: ["selection"],
      passage: ["selection"],
      tags: ["tags"],
      folders: ["folder"],
      roots: new Set(["unread", "archive", "starred"]),
    },
  },
  {
    id: "raindrop-csv",
    name: "Raindrop",
    columns: ["title", "note", "excerpt", "url", "folder", "tags", "created"],
    fields: {
      title: ["title"],
      address: ["url"],
      created: ["created"],
      body: ["excerpt", "highlights"],
      note: ["note"],
      tags: ["tags"],
      tagSeparator: ",",
      folders: ["folder"],
      folderSeparator: "/",
      roots: new Set(["unsorted"]),
      isTrashed: (lookup) => textOf(lookup("folder")).trim().toLowerCase() === "trash",
    },
  },
  {
    id: "reader-csv",
    name: "Readwise Reader",
    columns: ["title", "url", "documenttags", "saveddate"],
    fields: { title: ["title"], address: ["url"], created: ["saveddate"], tags: ["documenttags"] },
  },
  {
    id: "readwise-csv",
    name: "Readwise highlights",
    columns: ["highlight", "booktitle", "bookauthor"],
    fields: {
      title: ["booktitle"],
      address: ["url", "sourceurl"],
      created: ["highlightedat"],
      body: ["highlight"],
      passage: ["highlight"],
      note: ["note"],
      tags: ["tags", "documenttags"],
      tagSeparator: ",",
      kind: () => "text",
    },
  },
];
