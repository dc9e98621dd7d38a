package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/applet/redact"
	"tapbench/cmd/tapbench/internal/cli/lookback"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/report"
	"tapbench/cmd/tapbench/internal/show"
	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// checkFiles refuses a page or a recording that couldn't be written.
func (o demoOptions) checkFiles() error {
	if o.force && o.report == "" && o.record.Path == "" {
		return shell.Usagef("--force goes with --report and --trace")
	}
	if o.report != "" {
		if err := shell.CheckOutput(o.report, o.force); err != nil {
			return err
		}
	}
	return o.record.Check()
}

// demoReport gathers what the page about a demo shows. A nil one gathers nothing.
type demoReport struct {
	taps []*bytes.Buffer
}

// record returns the card with a recorder before it, which keeps the dialogue in memory.
func (r *demoReport) record(card pcsc.Card) (pcsc.Card, error) {
	if r == nil {
		return card, nil
	}
	tap := &bytes.Buffer{}
	recorder, err := trace.NewRecorder(card, tap, trace.Options{
		Header: trace.Header{{Key: trace.KeyComment, Value: fmt.Sprintf("tap %d", len(r.taps)+1)}},
		Redact: redact.New(redact.Config{}).Redact, Now: time.Now,
	})
	if err != nil {
		return nil, errors.Join(err, card.Close())
	}
	r.taps = append(r.taps, tap)
	return recorder, nil
}

// page returns the page about a demo.
func (r *demoReport) page(result demoResult, version string) (*report.Page, error) {
	p := &report.Page{
		Title: "One payment of the whole system", Kind: "demo", Version: version,
		Facts: []report.Fact{
			{Name: "secure element", Value: result.SE}, {Name: "link", Value: result.Link},
		},
		Agree:   result.Agree && result.Trial == 0,
		Verdict: lookback.Verdict(result.Trial, result.Agree),
	}
	if n := len(result.Payments); n > 1 {
		p.Title = fmt.Sprintf("%d payments of the whole system", n)
	}
	for _, s := range result.Steps {
		if n := len(p.Parts); n == 0 || p.Parts[n-1].Title != s.Part {
			p.Parts = append(p.Parts, report.Part{Title: s.Part})
		}
		part := &p.Parts[len(p.Parts)-1]
		part.Steps = append(part.Steps, report.Step{
			Name: s.Name, From: s.From, To: s.To, Bytes: s.Bytes, APDUs: s.APDUs, MS: s.MS,
		})
	}
	for _, payment := range result.Payments {
		p.Payments = append(p.Payments, report.Payment{
			Amount: payment.Amount + " " + payment.Currency, Outcome: payment.Outcome,
			Approved: payment.Outcome == outcomeApproved, APDUs: payment.APDUs, MS: payment.MS,
		})
	}
	for _, l := range result.Learned {
		p.Learned = append(p.Learned, report.Learned{Party: l.Party, Knows: l.Knows, Not: l.Not})
	}
	for _, b := range result.Balances {
		p.Balances = append(p.Balances, report.Balance{
			Party: b.Party, Account: b.Account, Kind: b.Kind, Amount: b.Balance,
		})
	}
	return p, r.dialogues(p)
}

// dialogues adds what was recorded.
func (r *demoReport) dialogues(p *report.Page) error {
	for i, tap := range r.taps {
		d, err := show.Open(tap)
		if err != nil {
			return fmt.Errorf("reading the recorded tap: %w", err)
		}
		talk := &report.Dialogue{Title: fmt.Sprintf("Dialogue of tap %d", i+1)}
		for {
			item, err := d.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return fmt.Errorf("reading the recorded tap: %w", err)
			}
			talk.Add(item)
		}
		p.Dialogues = append(p.Dialogues, talk)
	}
	return nil
}

// writeReport writes the page if one is wanted.
func (d *demoRun) writeReport() error {
	if d.report == nil {
		return nil
	}
	page, err := d.report.page(d.result, d.Version)
	if err != nil {
		return err
	}
	return d.WriteFile(d.o.report, d.o.force, page.Write)
}
