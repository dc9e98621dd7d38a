// Command testsum runs tests and says in the end what ran, what failed and what was left out.
//
//	go run ./scripts/testsum -count=1 ./...              go test with these arguments
//	go run ./scripts/testsum -java applet/javacard ./... the Java tests after it
//	go run ./scripts/testsum -light ./...                a machine with Go alone
//	go run ./scripts/testsum -read events.json           a recorded `go test -json`
//
// While tests run it prints a line for each package, and the whole output of each test that fails.
// In the end it prints every test that was skipped, with its reason, everything that failed, and as
// the last line the totals:
//
//	1234 passed, 0 failed, 2 skipped
//
// Subtests count, each fuzz target's seeds count, and so does each Java test. A test that did not
// run did not pass: a skip that the list of allowed skips (scripts/skips.txt) doesn't name is a
// failure, and so are a package that doesn't build, one that ends in the middle, a Maven build that
// brings no result, and an entry of that list whose test did run. A run without any test fails.
// With -light, skips whose reason begins "light path: " are allowed too.
//
// The exit code is 0 if something passed and nothing failed, 1 if not, 2 for a wrong call.
package main
