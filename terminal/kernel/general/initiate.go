package general

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general/carddata"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// optionsRoom is how many bytes of values GET PROCESSING OPTIONS carries: 83 and its length take 2
// or 3.
const optionsRoom = maxCommandData - 3

// initiate selects an application and starts it (EMV 4.3 Book 1, 12.4; Book 3, 10.1). One that
// doesn't want this transaction gives way to the next candidate.
func (t *transaction) initiate(ctx context.Context) error {
	list, err := entry.Find(ctx, t.card, entry.Terminal{
		Applications: t.known(), Way: t.config.Way, Chooser: t.config.Chooser,
	})
	if err != nil {
		t.remarks(list)
		return t.unselected(err)
	}
	for {
		selected, err := list.Next(ctx)
		t.remarks(list)
		if err != nil {
			return t.unselected(err)
		}
		t.begin(selected, list.Directory)
		again, err := t.processingOptions(ctx)
		if err != nil || !again {
			return err
		}
		t.note(clause.Initiation, fmt.Sprintf("%X doesn't want this transaction (6985): the next candidate",
			selected.Name))
	}
}

// known returns the terminal's applications for the selection.
func (t *transaction) known() []entry.Application {
	list := make([]entry.Application, len(t.config.Applications))
	for i, a := range t.config.Applications {
		list[i] = a.Application
	}
	return list
}

// remarks keeps what the selection remarked, once.
func (t *transaction) remarks(list *entry.List) {
	for _, r := range list.Remarks {
		t.note(r.Clause, r.Text)
	}
	list.Remarks = nil
}

// unselected ends a transaction that has no application, and says what else may be tried.
func (t *transaction) unselected(err error) error {
	fallback := outcome.MagneticStripe
	if t.config.Way == entry.Contactless {
		fallback = outcome.ContactChip
	}
	transport := new(pcsc.Error)
	switch {
	case errors.Is(err, entry.ErrNoApplication):
		if t.application == nil { // the chip got it nowhere; one that refuses has been heard
			t.out.Fallback = fallback
		}
		return outcome.Terminated(clause.Select, "no application is left", err)
	case errors.Is(err, entry.ErrCardBlocked):
		return outcome.Terminated(clause.Candidates, "card is blocked", err)
	case errors.As(err, &transport) && errors.Is(err, pcsc.ErrBadAnswer):
		t.out.Fallback = fallback
	}
	return err
}

// begin forgets what an earlier candidate has left and takes what the selected one says.
func (t *transaction) begin(s entry.Selected, directory string) {
	t.application = &t.config.Applications[s.Taken]
	t.objects, t.given, t.fast, t.auth = carddata.Objects{}, given{}, nil, authentication{}
	t.out.TVR, t.out.TSI, t.out.CVM = rules.TVR{}, rules.TSI{}, rules.CVMResults{}
	t.out.Selected = outcome.Selected{
		AID: s.Name, Label: s.Label, Priority: s.Priority, Directory: directory,
	}
	t.sayApplication(directory)
	t.objects.TakeFCI(s.FCI) // entry has checked it
}

// contactless says whether the application was found as contactless cards name theirs.
func (t *transaction) contactless() bool { return t.out.Selected.Directory == entry.FromPPSE }

// processingOptions fills the PDOL, sends GET PROCESSING OPTIONS and reads its answer (6.5.8). It
// returns true for an application that gives way.
func (t *transaction) processingOptions(ctx context.Context) (again bool, err error) {
	pdol, _ := t.objects.Find(emv.TagPDOL)
	if t.given.pdol, err = t.fill(emv.TagPDOL, pdol, optionsRoom); err != nil {
		return false, err
	}
	c := getProcessingOptions(t.given.pdol)
	response, err := t.ask(ctx, c)
	switch {
	case err != nil:
		return false, err
	case response.SW == apdu.SWConditionsNotSatisfied:
		return true, nil
	case !entry.Normal(response):
		return false, outcome.Terminated(clause.Status, "GET PROCESSING OPTIONS was refused",
			c.Refused(response.SW))
	}
	return false, t.takeOptions(response.Data)
}

// takeOptions reads AIP and AFL, of format 1 or 2.
func (t *transaction) takeOptions(answer []byte) error {
	tag, body, err := emv.Template(answer)
	if err != nil {
		return outcome.Terminated(clause.Options, "answer to GET PROCESSING OPTIONS is malformed", err)
	}
	const aipLen = 2
	var aip, afl []byte
	switch tag {
	case emv.TagFormat1:
		if len(body) < aipLen {
			return outcome.Terminatedf(clause.Options, "AIP and AFL of %d bytes", len(body))
		}
		aip, afl = body[:aipLen], body[aipLen:]
		t.objects.Set(emv.TagAIP, aip)
		t.objects.Set(emv.TagAFL, afl)
	case emv.TagFormat2:
		if tag, err := t.objects.TakeOptions(body); err != nil {
			return outcome.Terminated(clause.Options,
				"answer to GET PROCESSING OPTIONS: "+emv.Describe(tag), err)
		}
		aip, _ = t.objects.Find(emv.TagAIP)
		afl, _ = t.objects.Find(emv.TagAFL)
	default:
		return outcome.Terminatedf(clause.Options, "answer to GET PROCESSING OPTIONS is template %s", tag)
	}
	if len(aip) != aipLen {
		return outcome.Terminatedf(clause.Options, "AIP of %d bytes, want %d", len(aip), aipLen)
	}
	t.out.AIP, t.out.AFL = [2]byte(aip), afl
	return t.takeFast()
}
