package offline_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/terminal/offline"
)

// errorNames are the refusals as the page has them.
func errorNames() map[error]string {
	return map[error]string{
		offline.ErrVersion: "ErrVersion", offline.ErrIssuer: "ErrIssuer", offline.ErrUnit: "ErrUnit",
		offline.ErrLength: "ErrLength", offline.ErrExpired: "ErrExpired", offline.ErrClock: "ErrClock",
		offline.ErrCurrency: "ErrCurrency", offline.ErrInterval: "ErrInterval",
		offline.ErrAmount: "ErrAmount", offline.ErrPerTap: "ErrPerTap",
		offline.ErrPerToken: "ErrPerToken", offline.ErrDenyList: "ErrDenyList",
		offline.ErrDenied: "ErrDenied", offline.ErrChain: "ErrChain", offline.ErrToken: "ErrToken",
		offline.ErrStatement: "ErrStatement", offline.ErrReplay: "ErrReplay",
		offline.ErrDoubleSpend: "ErrDoubleSpend", offline.ErrReuse: "ErrReuse",
	}
}

// TestPage compares the table of docs/offline.md with the checks.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/offline.md")
	must(t, err)
	_, section, found := strings.Cut(string(text), "\n## What a merchant checks alone\n")
	if !found {
		t.Fatal("docs/offline.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var got []string
	row := regexp.MustCompile("(?m)^\\| ([0-9]+) \\| ([a-z ]+) \\| .* \\| ([`A-Za-z, ]+) \\|$")
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		got = append(got, m[1]+" "+m[2]+": "+strings.ReplaceAll(m[3], "`", ""))
	}
	names := errorNames()
	var want []string
	for i, c := range offline.Checks() {
		var refusals []string
		for _, err := range c.Refusals {
			refusals = append(refusals, names[err])
		}
		want = append(want, fmt.Sprintf("%d %s: %s", i+1, c.Name, strings.Join(refusals, ", ")))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checks (-code +page):\n%s", diff)
	}
}

// TestEveryCheckRefuses: each error of each check is wanted by a row of the tables above.
func TestEveryCheckRefuses(t *testing.T) {
	wanted := map[error]bool{ // by TestSeenRefused
		offline.ErrReplay: true, offline.ErrDoubleSpend: true, offline.ErrReuse: true,
	}
	for _, row := range refusals() {
		wanted[row.want] = true
	}
	for _, c := range offline.Checks() {
		for _, err := range c.Refusals {
			if !wanted[err] {
				t.Errorf("%s: nothing is refused with %q", c.Name, err)
			}
		}
	}
}
