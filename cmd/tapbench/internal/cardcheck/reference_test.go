package cardcheck_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/cardcheck"
)

func TestReadReferenceRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"another first line": "# something else: emulator\npass  walk\n",
		"no kind":            "# tapbench card check v1: \n",
		"an unknown outcome": "# tapbench card check v1: emulator\nfine  walk\n",
		"no case":            "# tapbench card check v1: emulator\npass\n",
		"the same twice":     "# tapbench card check v1: emulator\npass  walk\nskip  walk\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cardcheck.ReadReference(strings.NewReader(text))
			if !errors.Is(err, cardcheck.ErrReference) {
				t.Errorf("got %v, want ErrReference", err)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	ref, err := cardcheck.ReadReference(strings.NewReader(
		"# tapbench card check v1: emulator\npass  walk\npass  tap/one\npass  tap/two\nskip  cut\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		cases []cardcheck.Case
		lost  error
		want  []cardcheck.Difference
	}{
		"a case fails": {
			cases: []cardcheck.Case{{Name: "walk", Outcome: cardcheck.Failed}},
			want:  []cardcheck.Difference{{"walk", cardcheck.Passed, cardcheck.Failed}},
		},
		"a case isn't there": {
			cases: []cardcheck.Case{{Name: "tap/one", Outcome: cardcheck.Passed}},
			want:  []cardcheck.Difference{{Name: "tap/two", Want: cardcheck.Passed}},
		},
		"a case is new": {
			cases: []cardcheck.Case{{Name: "more", Outcome: cardcheck.Passed}},
			want:  []cardcheck.Difference{{Name: "more", Got: cardcheck.Passed}},
		},
		"what the reference skips passes": {
			cases: []cardcheck.Case{{Name: "cut", Outcome: cardcheck.Passed}},
			want:  []cardcheck.Difference{{"cut", cardcheck.Skipped, cardcheck.Passed}},
		},
		"a part that couldn't be run": {
			cases: []cardcheck.Case{{Name: "tap", Outcome: cardcheck.Skipped}},
		},
		"the card was lost": {
			cases: []cardcheck.Case{{Name: "tap/one", Outcome: cardcheck.Passed}},
			lost:  errors.New("lost"),
		},
		"the same": {
			cases: []cardcheck.Case{
				{Name: "walk", Outcome: cardcheck.Passed}, {Name: "cut", Outcome: cardcheck.Skipped},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := cardcheck.Compare(ref, &cardcheck.Result{Cases: row.cases, Lost: row.lost})
			if diff := cmp.Diff(append([]cardcheck.Difference{}, row.want...), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzReadReference: what is read and written again says the same.
func FuzzReadReference(f *testing.F) {
	f.Add("# tapbench card check v1: emulator\npass  walk\nskip  tearing\n")
	f.Add("# tapbench card check v1: a card\n")
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := cardcheck.ReadReference(strings.NewReader(text))
		if err != nil {
			return
		}
		result := ref.Result()
		again, err := cardcheck.ReadReference(strings.NewReader(result.Text(ref.Kind)))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := again.Result().Text(again.Kind), result.Text(ref.Kind); got != want {
			t.Errorf("written again:\n%s\nread:\n%s", got, want)
		}
	})
}
