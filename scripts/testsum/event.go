package main

import "encoding/json"

// event is one line of `go test -json`, as `go doc test2json` describes it; the lines about builds
// as `go help buildjson` does.
type event struct {
	Action      string  // start, run, output, pass, fail, skip, build-output, build-fail and others
	Package     string  // the package under test
	Test        string  // the test, or empty for what concerns the whole package
	Elapsed     float64 // seconds
	Output      string
	ImportPath  string // what was built
	FailedBuild string // the ImportPath whose failure failed the package
}

// parseEvent returns the event on a line, or false for a line that holds none.
func parseEvent(line []byte) (event, bool) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
		return event{}, false
	}
	return e, true
}
