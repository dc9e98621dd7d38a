// Package daemontest starts private pcscds for tests, and decides what a test does where that is
// impossible: with TAPBENCH_REQUIRE=all in the environment it fails, otherwise it is skipped with
// a message that begins "light path:" and names what is missing. Imported by tests only; what a
// function is given, it may stop from the test's goroutine alone.
package daemontest
