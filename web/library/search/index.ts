/** The only door of this room: queries go in, lists of cutouts come out. */

export type { Hit, Matched } from "./hits.ts";
export { leastAlike, moreLike } from "./like.ts";
export { type Cursor, listCutouts, type Page } from "./list.ts";
export { type Filter, type Filters, parseQuery, type Query, type Term } from "./query.ts";
export { type Found, search, type Wanted } from "./search.ts";
export type { Piece, Shown } from "./snippets.ts";
export type { Replaced } from "./spelling.ts";
export { catchUp, loadVectors, spaceId, storeVectors, type VectorIndex } from "./stored.ts";
