package report_test

import (
	"bytes"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/report"
)

func TestAuditPage(t *testing.T) {
	page := &report.Audit{
		Kinds: []report.AuditKind{{Name: "user", Count: 1}, {Name: "card number", Count: 8}},
		Rows: []report.AuditRow{
			{Party: "bank-a", Verdicts: []string{"holds", "never"}},
			{Party: "tsm", Verdicts: []string{"LEARNED", "holds"}},
		},
		Joins: []string{"bank-a fundings.handle = tsm runs.handle (1, equal)"},
	}
	for name, c := range map[string]struct {
		findings []string
		want     []string
	}{
		"clean": {nil, []string{"Nobody has learned what he must not", `<td class="never">never</td>`}},
		"with a finding": {
			[]string{`tsm holds the user: logs/tsm.log, "<script>"`},
			[]string{"1 findings", "&lt;script&gt;", `<td class="LEARNED">LEARNED</td>`, "fundings.handle"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			page.Findings = c.findings
			var b bytes.Buffer
			if err := page.Write(&b); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
			for _, never := range []string{"<script", "http://", "https://"} {
				if strings.Contains(b.String(), never) {
					t.Errorf("%q in\n%s", never, b.String())
				}
			}
		})
	}
}
