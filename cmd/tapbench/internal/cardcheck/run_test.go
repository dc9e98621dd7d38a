package cardcheck_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/pcsc"
)

// fresh returns a connection to a new emulated card.
func fresh(context.Context) (pcsc.Card, error) {
	card, err := emulator.New(emulator.Config{})
	if err != nil {
		return nil, err
	}
	return pcsc.NewDirect(card), nil
}

// bent is a card whose answers are bent.
type bent struct {
	pcsc.Card
	bend func(command, answer []byte) ([]byte, error)
}

func (b bent) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := b.Card.Transmit(ctx, command)
	if err != nil {
		return nil, err
	}
	return b.bend(command, answer)
}

// bending returns how to open fresh cards whose answers are bent.
func bending(
	bend func(command, answer []byte) ([]byte, error),
) func(context.Context) (pcsc.Card, error) {
	return func(ctx context.Context) (pcsc.Card, error) {
		card, err := fresh(ctx)
		return bent{card, bend}, err
	}
}

func TestRun(t *testing.T) {
	isGenerate := func(command []byte) bool { return bytes.HasPrefix(command, []byte{0x80, 0x10}) }
	once := func() func(context.Context) (pcsc.Card, error) {
		given := false
		return func(ctx context.Context) (pcsc.Card, error) {
			if given {
				return nil, fmt.Errorf("%w: one is all", cardcheck.ErrNoFresh)
			}
			given = true
			return fresh(ctx)
		}
	}
	for name, row := range map[string]struct {
		open func(context.Context) (pcsc.Card, error)
		only []string
		want cardcheck.Count
		lost error
		said string
	}{
		"the card is lost when it is made fresh": {
			open: func(context.Context) (pcsc.Card, error) { return nil, pcsc.ErrNoCard },
			only: []string{"walk", "slots"}, lost: pcsc.ErrNoCard,
			want: cardcheck.Count{Errored: 1, Skipped: 1}, said: "no card",
		},
		"a wrong status word": {
			open: bending(func(command, answer []byte) ([]byte, error) {
				if isGenerate(command) {
					return []byte{0x69, 0x85}, nil
				}
				return answer, nil
			}),
			only: []string{"walk"}, want: cardcheck.Count{Failed: 1}, said: "INS 10: got 6985",
		},
		"an answer that nobody thought of": {
			open: bending(func(command, answer []byte) ([]byte, error) {
				if isGenerate(command) {
					panic("out of range")
				}
				return answer, nil
			}),
			only: []string{"walk"}, want: cardcheck.Count{Failed: 1}, said: "the case broke off: out of range",
		},
		"the card is lost inside a case": {
			open: bending(func(command, answer []byte) ([]byte, error) {
				if isGenerate(command) {
					return nil, pcsc.ErrCardRemoved
				}
				return answer, nil
			}),
			only: []string{"walk"}, want: cardcheck.Count{Failed: 1}, said: "removed",
		},
		"one fresh card alone": {
			open: once(), only: []string{"walk", "slots"},
			want: cardcheck.Count{Passed: 1, Skipped: 4}, said: "no fresh card: one is all",
		},
		"nothing to ask": {
			open: fresh, only: []string{"tearing"}, want: cardcheck.Count{Skipped: 1},
			said: "the power can't be cut here",
		},
		"all is well": {open: fresh, only: []string{"walk", "slots"}, want: cardcheck.Count{Passed: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			var told []cardcheck.Case
			r := cardcheck.Run(t.Context(), cardcheck.Config{
				Open: row.open, Only: row.only,
				Ended: func(c cardcheck.Case) { told = append(told, c) },
			})
			if got := r.Count(); got != row.want {
				t.Errorf("got %+v, want %+v: %v", got, row.want, r.Cases)
			}
			if !errors.Is(r.Lost, row.lost) {
				t.Errorf("lost %v, want %v", r.Lost, row.lost)
			}
			if diff := cmp.Diff(r.Cases, told); diff != "" {
				t.Errorf("told otherwise (-kept +told):\n%s", diff)
			}
			if said := fmt.Sprint(r.Cases); !strings.Contains(said, row.said) {
				t.Errorf("%q isn't in %s", row.said, said)
			}
		})
	}
}

func TestRunInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := cardcheck.Run(ctx, cardcheck.Config{
		Open: fresh, Only: []string{"walk", "slots", "tap"},
		Ended: func(cardcheck.Case) { cancel() },
	})
	want := cardcheck.Count{Passed: 1, Skipped: 2}
	if got := r.Count(); got != want || !errors.Is(r.Lost, context.Canceled) {
		t.Errorf("got %+v, %v, want %+v and a canceled run", got, r.Lost, want)
	}
}

// TestEveryPartHasCases keeps the list of parts honest.
func TestEveryPartHasCases(t *testing.T) {
	r := cardcheck.Run(t.Context(), cardcheck.Config{Open: func(context.Context) (pcsc.Card, error) {
		return nil, cardcheck.ErrNoFresh
	}})
	var names []string
	for _, part := range r.Parts() {
		names = append(names, part.Name)
	}
	if diff := cmp.Diff(conformance.Parts(), names); diff != "" {
		t.Errorf("(-parts +run):\n%s", diff)
	}
}

func TestCommands(t *testing.T) {
	r := cardcheck.Run(t.Context(), cardcheck.Config{Open: fresh, Only: []string{"walk"}})
	for _, name := range []string{"SELECT", "GENERATE SE KEY", "OPEN ACCOUNT", "AID KEYS", "ARM"} {
		i := slices.IndexFunc(r.Commands, func(c cardcheck.Command) bool { return c.Name == name })
		if i < 0 {
			t.Errorf("%s wasn't timed", name)
			continue
		}
		c := r.Commands[i]
		if c.Count < 1 || c.Median <= 0 && c.Most <= 0 || c.P95 < c.Median || c.Most < c.P95 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	for _, c := range r.Commands {
		if c.Name == "GET RESPONSE" {
			t.Error("GET RESPONSE belongs to what it continues")
		}
	}
}

func TestJUnit(t *testing.T) {
	r := cardcheck.Result{Cases: []cardcheck.Case{
		{Name: "walk", Outcome: cardcheck.Passed},
		{Name: "slots/cards", Outcome: cardcheck.Failed, Said: []string{"got 6A80\nin full", "again"}},
		{Name: "slots/user", Outcome: cardcheck.Skipped, Said: []string{"no fresh card"}},
		{Name: "tap", Outcome: cardcheck.Errored, Said: []string{"lost"}},
	}}
	var b bytes.Buffer
	if err := r.JUnit().Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<testsuites tests="4" failures="1" errors="1">`,
		`<testsuite name="slots" tests="2" failures="1" errors="0" skipped="1"`,
		`<failure message="got 6A80">`, `<skipped message="no fresh card">`, `<error message="lost">`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s isn't in\n%s", want, b.String())
		}
	}
}
