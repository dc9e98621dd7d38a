package conformance

import "context"

// TB is what a case says its findings to. Each [TB] is one; so is what a program without
// package testing puts in its place.
type TB interface {
	// Helper marks the caller as one whose lines aren't shown.
	Helper()
	// Context ends when the case does, before its cleanups.
	Context() context.Context
	// Cleanup has f called when the case is over, the last one first.
	Cleanup(f func())
	// Error and Errorf note what isn't as it should be; the case goes on.
	Error(args ...any)
	Errorf(format string, args ...any)
	// Fatal and Fatalf note it and end the case: they don't return.
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	// Log and Logf tell what is worth knowing, also when all is as it should be.
	Log(args ...any)
	Logf(format string, args ...any)
}

// T is a case that may have cases below it.
type T interface {
	TB
	// Run runs a case below this one, and reports whether all in it was as it should be.
	Run(name string, f func(T)) bool
}
