package cardreport_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cardreport"
)

func TestMatrix(t *testing.T) {
	of := func(card, reader, date string, n cardcheck.Count) *cardreport.Report {
		return &cardreport.Report{
			Date: date, Reader: reader, Card: cardreport.Card{Kind: card}, Count: n,
		}
	}
	m := cardreport.Matrix{
		Cards:   []string{"emulator", "NXP J3R180"},
		Readers: []string{cardreport.NoReader, "ACS ACR122U"},
	}
	for name, row := range map[string]struct {
		reports []*cardreport.Report
		want    string
	}{
		"no report": {nil, `| card | none | ACS ACR122U |
|---|---|---|
| emulator | not run | – |
| NXP J3R180 | – | never run on hardware |
`},
		"the newest counts, and others follow": {
			[]*cardreport.Report{
				of("emulator", cardreport.NoReader, "2026-11-21", cardcheck.Count{Passed: 9, Skipped: 1}),
				of("NXP J3R180", "ACS ACR122U", "2026-12-02", cardcheck.Count{Passed: 8, Failed: 2}),
				of("NXP J3R180", "ACS ACR122U", "2026-12-01", cardcheck.Count{Passed: 10}),
				of("G+D", "uTrust", "2026-12-03", cardcheck.Count{Passed: 9, Errored: 1}),
			}, `| card | none | ACS ACR122U | uTrust |
|---|---|---|---|
| emulator | 9 passed, 1 left out, 2026-11-21 | – | – |
| NXP J3R180 | – | 2 failed, 8 passed, 2026-12-02 | never run on hardware |
| G+D | – | never run on hardware | 1 lost, 9 passed, 2026-12-03 |
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, m.Markdown(row.reports)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
