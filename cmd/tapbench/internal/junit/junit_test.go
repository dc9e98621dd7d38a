package junit_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/junit"
)

func TestWrite(t *testing.T) {
	report := &junit.Report{Suites: []junit.Suite{{Name: "a & b.apdu", Cases: []junit.Case{
		{Name: "tap", File: "f", Line: 2},
		{Name: "tap time 1 ms", Outcome: junit.Failed, Message: "2 ms", Took: 2 * time.Millisecond},
		{Name: `command "X"`, Outcome: junit.Errored, Message: "no <time>", Text: "line\x01 \xFF"},
		{Name: "phase cards apdus 1", Outcome: junit.Skipped, Message: "absent"},
	}}}}
	var text bytes.Buffer
	if err := report.Write(&text); err != nil {
		t.Fatal(err)
	}
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1">
  <testsuite name="a &amp; b.apdu" tests="4" failures="1" errors="1" skipped="1" time="0.002000">
    <testcase name="tap" classname="a &amp; b.apdu" file="f" line="2" time="0.000000"></testcase>
    <testcase name="tap time 1 ms" classname="a &amp; b.apdu" time="0.002000">
      <failure message="2 ms"></failure>
    </testcase>
    <testcase name="command &#34;X&#34;" classname="a &amp; b.apdu" time="0.000000">
      <error message="no &lt;time&gt;">line� ?</error>
    </testcase>
    <testcase name="phase cards apdus 1" classname="a &amp; b.apdu" time="0.000000">
      <skipped message="absent"></skipped>
    </testcase>
  </testsuite>
</testsuites>
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if err := xml.Unmarshal(text.Bytes(), &struct{}{}); err != nil {
		t.Errorf("reading it: %v", err)
	}
}

// full is a writer with room for so many bytes.
type full int

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestWritePassesErrorsOn(t *testing.T) {
	for _, room := range []full{0, 50, full(len("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") + 70)} {
		report := &junit.Report{Suites: []junit.Suite{{Name: strings.Repeat("x", 5000)}}}
		if err := report.Write(&room); !errors.Is(err, errFull) {
			t.Errorf("got %v, want the writer's error", err)
		}
	}
}
