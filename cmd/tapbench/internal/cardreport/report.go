package cardreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tapbench/cmd/tapbench/internal/cardcheck"
)

// ErrReport means that a file isn't a report, or that a report says what none may say.
var ErrReport = errors.New("not a card report")

// Format is the first member of every report.
const Format = "tapbench card report v1"

// Report is the file. All of it is written by a program; the kinds are the user's own words.
type Report struct {
	Format   string `json:"format"`   // [Format]
	Date     string `json:"date"`     // of the run, such as "2026-11-21"
	Tapbench string `json:"tapbench"` // the program's version
	Card     Card   `json:"card"`
	Reader   string `json:"reader"` // its kind, or [NoReader] or [VirtualReader]
	// Seconds is how long the run took; Fresh is how often the card was made fresh.
	Seconds  float64             `json:"seconds"`
	Fresh    int                 `json:"fresh_cards"`
	Count    cardcheck.Count     `json:"count"`
	Cases    []Case              `json:"cases"`
	Commands []cardcheck.Command `json:"commands"`
}

// Card is the card on which the suite was run.
type Card struct {
	Kind     string `json:"kind"`     // such as "NXP J3R180"
	ATR      string `json:"atr"`      // its answer to reset, in hexadecimal digits
	Protocol string `json:"protocol"` // "T=0" or "T=1"
	// Extended says that extended length fields reach the applet.
	Extended   bool       `json:"extended_length"`
	Capability Capability `json:"capability"`
}

// Capability is data object DF01 in words.
type Capability struct {
	Version    int      `json:"version"`
	BankSlots  int      `json:"bank_slots"`
	TIDSlots   int      `json:"tid_slots"`
	CardSlots  int      `json:"card_slots"`
	TokenSlots int      `json:"token_slots"`
	TapTries   int      `json:"tap_tries"`
	Buffer     int      `json:"buffer_bytes"`
	Algorithms []string `json:"algorithms"` // that the platform has
	Missing    []string `json:"missing"`    // and that it lacks
}

// Case is how one case of the suite ended. What it said stays out: a card may have answered it.
type Case struct {
	Name    string            `json:"name"`
	Outcome cardcheck.Outcome `json:"outcome"`
}

// Readers that are none.
const (
	NoReader      = "none"        // the card is simulated in the program
	VirtualReader = "vpcd, pcscd" // a virtual reader of a real pcscd
)

// Put puts a result into the report.
func (r *Report) Put(found *cardcheck.Result) {
	r.Seconds, r.Fresh, r.Count = found.Took.Seconds(), found.Fresh, found.Count()
	r.Commands = found.Commands
	r.Cases = make([]Case, len(found.Cases))
	for i, c := range found.Cases {
		r.Cases[i] = Case{c.Name, c.Outcome}
	}
}

// Write writes the report if it says nothing that none may say.
func (r *Report) Write(w io.Writer) error {
	if err := r.Check(); err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("writing the card report: %w", err)
	}
	return nil
}

// maxReport bounds a report, in bytes.
const maxReport = 1 << 20

// Read reads a report. An error that is the file's wraps [ErrReport].
func Read(from io.Reader) (*Report, error) {
	raw, err := io.ReadAll(io.LimitReader(from, maxReport+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading a card report: %w", err)
	case len(raw) > maxReport:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrReport, maxReport)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	r := new(Report)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReport, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it", ErrReport)
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	return r, nil
}
