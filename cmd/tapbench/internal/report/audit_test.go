package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/report"
)

func TestAuditPage(t *testing.T) {
	page := &report.Audit{
		Kinds: []report.AuditKind{{Name: "user", Count: 1}, {Name: "card number", Count: 8}},
		Parties: []report.AuditParty{
			{Name: "bank-a", Verdicts: []string{"holds", "never"}},
			{Name: "tsm", Verdicts: []string{"LEARNED", "holds"}},
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

// A page is as wide as the window, however many parties there are: the matrix scrolls by itself.
func TestAuditPageFitsTheWindow(t *testing.T) {
	t.Parallel()
	page := &report.Audit{Findings: []string{strings.Repeat("tsm_holds_the_user", 20)}}
	for kind := range 14 {
		page.Kinds = append(page.Kinds, report.AuditKind{Name: "element's private keys", Count: kind})
	}
	for range 30 {
		page.Parties = append(page.Parties, report.AuditParty{
			Name: "merchant", Verdicts: slices.Repeat([]string{"never"}, len(page.Kinds)),
		})
	}
	var b bytes.Buffer
	if err := page.Write(&b); err != nil {
		t.Fatal(err)
	}
	b.WriteString(`<script>document.title = "page " + document.documentElement.scrollWidth + " in " +
		document.documentElement.clientWidth</script>`)
	_, title, _ := strings.Cut(browse(t, b.Bytes(), "").dom, "<title>page ")
	title, _, _ = strings.Cut(title, "<")
	if is, window, found := strings.Cut(title, " in "); !found || is != window {
		t.Errorf("the page's width in the window's is %q", title)
	}
}
