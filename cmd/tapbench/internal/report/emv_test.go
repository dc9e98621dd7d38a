package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tapbench/cmd/tapbench/internal/report"
	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/general/outcome"
)

// explained is a payment that a label of the card's tries to break the page with.
func explained() *report.EMV {
	reason := outcome.Reason{Text: "terminal declines: <b>", Clause: "EMV 4.3 Book 3, 10.7"}
	return &report.EMV{Version: "test", Explanation: explain.Explanation{
		Result: "declined", Reason: &reason, Time: time.Date(2026, 11, 21, 19, 30, 0, 0, time.UTC),
		Label: `<script>alert(1)</script>`, AID: "A0000000031010", TVR: "0010000000",
		Phases: []explain.Phase{
			{Name: "selection", Title: "Application selection", State: explain.Done},
			{
				Name: "action", Title: "Terminal action analysis", Clause: "EMV 4.3 Book 3, 10.7",
				State: explain.Objected,
				Facts: []explain.Fact{{
					Name: "denial", Value: "0010000000", Text: "met", Against: true,
					Bits: []explain.Bit{{
						Byte: 2, Bit: 5, Text: "requested service not allowed", Clause: "10.4.2",
					}},
				}},
			},
			{Name: "first cryptogram", Title: "First cryptogram", State: explain.NotReached},
		},
		Notes: []outcome.Reason{{Text: "a note", Clause: "EMV 4.3 Book 3, 7.5"}},
	}}
}

func TestEMVPage(t *testing.T) {
	var b bytes.Buffer
	if err := explained().Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<h1>Declined</h1>", `<li class="odd"><a href="#action">`, `<tr class="against">`,
		"byte 2 bit 5, 10.4.2", `<section id="first-cryptogram">`, "&lt;script&gt;", "a note",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	for _, never := range []string{"<script", "http://", "https://"} {
		if strings.Contains(b.String(), never) {
			t.Errorf("%q in\n%s", never, b.String())
		}
	}
}

// A browser takes the page's own style, and complains about nothing.
func TestEMVPageInABrowser(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := explained().Write(&b); err != nil {
		t.Fatal(err)
	}
	v := browse(t, b.Bytes(), "#action")
	if len(v.console) > 0 {
		t.Errorf("the browser says %q", v.console)
	}
	if !strings.Contains(v.dom, "Terminal action analysis") {
		t.Errorf("no page:\n%s", v.dom)
	}
}
