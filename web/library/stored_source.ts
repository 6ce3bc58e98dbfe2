/** A cutout's row goes in; what its page said of itself is put beside it in the table `source`, and read from there. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import type { PageSource } from "./cutout.ts";
import { rows, run } from "./statements.ts";

/** Put a source to a cutout; what it says nothing of stays as it is. */
export function putSource(db: Database, id: number, source: PageSource | null): void {
  if (source === null) return;
  const { html, description, iconAddress } = source;
  if (html === "" && description === "" && iconAddress === "") return;
  run(
    db,
    `INSERT INTO source (cutout, html, description, icon_address) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET html = coalesce(nullif(excluded.html, ''), html),
       description = coalesce(nullif(excluded.description, ''), description),
       icon_address = coalesce(nullif(excluded.icon_address, ''), icon_address)`,
    [id, html, description, iconAddress],
  );
}

/** Return the source of a cutout, or null. */
export function readSource(db: Database, id: number): PageSource | null {
  const [row] = rows(db, "SELECT html, description, icon_address FROM source WHERE cutout = ?", [id]) as string[][];
  return row === undefined ? null : ({ html: row[0], description: row[1], iconAddress: row[2] } as PageSource);
}

/** Let go of how the words of a cutout looked, once they are others. */
export function forgetHtml(db: Database, id: number): void {
  forget(db, id, "html");
}

/** Let go of a cutout's icon, once it is said to be from another site. */
export function forgetIcon(db: Database, id: number): void {
  run(db, "UPDATE cutout SET icon = NULL WHERE id = ? AND icon IS NOT NULL", [id]);
  forget(db, id, "icon_address");
}

function forget(db: Database, id: number, column: "html" | "icon_address"): void {
  run(db, `UPDATE source SET ${column} = '' WHERE cutout = ? AND ${column} <> ''`, [id]);
  run(db, "DELETE FROM source WHERE cutout = ? AND html = '' AND description = '' AND icon_address = ''", [id]);
}
