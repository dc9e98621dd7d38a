// Package store keeps one party's books and tables in one place, a file of SQLite's or a schema of
// PostgreSQL's, so that what it has answered is
// never lost and never answered twice, whenever its process is killed.
//
// Words: a party is a bank or a TSM, each with a file of its own. A step is what happens between
// two commits: decision, ledger entries, the party's own rows and the answer all remain, or none
// of them. An answer is what a request got, kept under the request's [Key]; the same request again
// gets the same bytes.
//
//	s, err := store.OpenSQLite(ctx, store.Config{Path: path, Role: "bank", Party: "BKA4KD2Q",
//		Migrations: []string{schema}})
//	defer s.Close()
//	answer, err := store.Once(ctx, s, key, func(tx store.Tx) ([]byte, error) {
//		record, err := ledger.Execute(ctx, tx, transfer)
//		…
//		_, err = tx.ExecContext(ctx, `INSERT INTO escrow (handle, minor) VALUES ($1, $2)`, h, minor)
//		return reply, err
//	})
//
// # SQL
//
// A party brings its tables as migrations, which are applied in order, once each, in one step. They
// are written once, in SQLite's dialect with STRICT tables; for PostgreSQL they are translated:
// INTEGER is BIGINT, BLOB is BYTEA, TEXT sorts by its bytes, and a trigger may do nothing but
// refuse an UPDATE, a DELETE, or an INSERT WHEN EXISTS another row. What has no translation is an
// error when the store is opened.
// Statements use $1, $2, … and what both databases read: no rowid, no truth values but 0 and 1, ON
// CONFLICT rather than OR IGNORE. Tables whose names begin with "ledger_" or "store_" belong to
// this package; triggers keep journal and answers as they were written.
//
// # The file
//
// The file is SQLite in WAL mode, synchronous=FULL: every commit is on the disk before Tx returns.
// Its application ID says that it is tapbench's, its user version which layout it has, and the
// table store_meta which role and party it belongs to. Whatever differs is refused before the file
// is opened for writing. A new file is made beside its place and renamed, so that it is there
// whole or not at all. FILE.lock is locked while the store is open; the kernel frees that lock
// when the process ends, in whichever way. The lock's file stays, empty of meaning.
//
// # The database
//
// A PostgreSQL store is the first schema of the connection's search path; store_meta there says
// which layout it has and whose it is, and a schema with other tables is refused. A session's
// advisory lock keeps other processes out, and every step runs on that very session: who has lost
// the lock has lost the connection, and can't write. synchronous_commit and fsync are read back
// when the store is opened. After a connection is lost, [ErrLost] or [ErrUncertain] says whether a
// step may remain, and the store must be opened anew.
//
// A Store is safe for concurrent use. Steps are carried out one after the other, each within a
// savepoint of its own; those whose callers wait at the same time share one commit, and with it one
// wait for the disk. A View sees the last commit and waits for nobody. Neither may be nested in
// another.
//
// Sources: SQLite 3, "Database File Format" 1.3 (header), "Write-Ahead Logging"; flock(2);
// PostgreSQL 15, 13.3.5 "Advisory Locks" and 30.3 "Write-Ahead Logging".
package store
