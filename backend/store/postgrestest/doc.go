// Package postgrestest runs PostgreSQL servers for tests, each with a folder of its own:
//
//	server := postgrestest.Start(t)
//	s, err := store.OpenPostgres(ctx, store.Config{Path: server.Place(t), …})
//
// A server listens on a Unix socket alone, in a folder that is removed after the test. It writes to
// the disk as a real one does, since a [store.Postgres] opens on no other. As PostgreSQL refuses to
// be run by root, root's tests run it as the user postgres, whom Debian's package makes.
//
// Where PostgreSQL isn't installed, tests that need it are skipped, or fail if TAPBENCH_REQUIRE is
// "all".
package postgrestest
