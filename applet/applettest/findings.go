package applettest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"tapbench/applet/conformance"
)

// Find runs parts of the suite, by their names, on cards with a planted bug, and returns the first
// thing that it finds, or nothing.
func (b Backend) Find(t *testing.T, parts ...string) string {
	t.Helper()
	return find(t, func(of conformance.T) { conformance.Run(of, b.suited(t)) }, parts)
}

// Find runs a case, such as a host's way, on a card with a planted bug, and returns the first thing
// that it finds, or nothing.
func Find(t *testing.T, run func(conformance.T)) string {
	t.Helper()
	return find(t, run, nil)
}

func find(t *testing.T, run func(conformance.T), parts []string) string {
	t.Helper()
	f := &finder{TB: t, found: new(string), parts: parts}
	f.isolated(run)
	return *f.found
}

// finder is a [conformance.T] for which a finding is a result, not a failure.
type finder struct {
	testing.TB
	found    *string
	parts    []string // of the cases below
	cleanups []func()
	ctx      context.Context //nolint:containedctx // the case's, as in package testing
}

// isolated runs a case in a goroutine of its own, which the first finding ends.
func (f *finder) isolated(run func(conformance.T)) {
	ctx, cancel := context.WithCancel(f.TB.Context())
	f.ctx = ctx
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			cancel()
			for _, cleanup := range slices.Backward(f.cleanups) {
				cleanup()
			}
		}()
		run(f)
	}()
	<-done
}

// Run runs a case below, unless something was found.
func (f *finder) Run(name string, run func(conformance.T)) bool {
	if *f.found == "" && (f.parts == nil || slices.Contains(f.parts, name)) {
		below := &finder{TB: f.TB, found: f.found}
		below.isolated(run)
	}
	return *f.found == ""
}

func (f *finder) Context() context.Context { return f.ctx }
func (f *finder) Cleanup(cleanup func())   { f.cleanups = append(f.cleanups, cleanup) }
func (f *finder) Error(args ...any)        { f.find(fmt.Sprint(args...)) }
func (f *finder) Fatal(args ...any)        { f.find(fmt.Sprint(args...)) }

func (f *finder) Errorf(format string, args ...any) { f.find(fmt.Sprintf(format, args...)) }
func (f *finder) Fatalf(format string, args ...any) { f.find(fmt.Sprintf(format, args...)) }

// find notes what was found and ends the case; what follows would only follow from it. A cleanup's
// findings don't count.
func (f *finder) find(what string) {
	if f.ctx.Err() != nil {
		return
	}
	*f.found = what
	runtime.Goexit()
}
