/** SQL goes in, its result comes out; each statement is prepared once for a database, which takes longer than running it. */

import type { Database, PreparedStatement, SqlValue } from "@sqlite.org/sqlite-wasm";

const prepared = new WeakMap<Database, Map<string, PreparedStatement>>();

/** Run a statement that gives nothing back. */
export function run(db: Database, sql: string, bind: readonly SqlValue[] = []): void {
  used(db, sql, bind, (statement) => statement.step());
}

/** Return the first value of the first row, or undefined where there is no row. */
export function value(db: Database, sql: string, bind: readonly SqlValue[] = []): SqlValue | undefined {
  return used(db, sql, bind, (statement) => (statement.step() ? statement.get(0) : undefined)) as SqlValue | undefined;
}

/** Return all rows. */
export function rows(db: Database, sql: string, bind: readonly SqlValue[] = []): SqlValue[][] {
  return used(db, sql, bind, (statement) => {
    const found: SqlValue[][] = [];
    while (statement.step()) found.push(statement.get([]));
    return found;
  });
}

/** Closing a database ends its statements. */
function used<Result>(
  db: Database,
  sql: string,
  bind: readonly SqlValue[],
  use: (statement: PreparedStatement) => Result,
): Result {
  const known = prepared.get(db) ?? new Map<string, PreparedStatement>();
  prepared.set(db, known);
  const statement = known.get(sql) ?? db.prepare(sql);
  known.set(sql, statement);
  try {
    if (bind.length > 0) statement.bind([...bind]);
    return use(statement);
  } finally {
    statement.reset(true);
  }
}

/**
 * Return what `work` returns, all of it durable or none. The error is the one that stopped it: where there is no room,
 * SQLite rolls back by itself, and a second ROLLBACK would only say that there is nothing left to roll back.
 */
export function transaction<Result>(db: Database, work: () => Result): Result {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

function rollBack(db: Database): void {
  try {
    db.exec("ROLLBACK");
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
  }
}
