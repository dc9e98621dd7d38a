package kernel

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/entry"
)

// selectApplication finds the application of the highest priority that card and terminal both know
// (EMV Contactless Book B 2.6, 3.3.2) and selects it.
func (t *transaction) selectApplication(ctx context.Context) error {
	var offered []emv.Candidate
	err := t.step(StepPPSE, func() (err error) {
		offered, err = t.selectPPSE(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return t.step(StepSelect, func() error { return t.selectFirst(ctx, offered) })
}

func (t *transaction) selectPPSE(ctx context.Context) ([]emv.Candidate, error) {
	data, err := t.exchange(ctx, entry.SelectByName([]byte(wire.AIDPPSE)))
	if refusal := new(apdu.StatusError); errors.As(err, &refusal) {
		return nil, &NoApplicationError{Err: err}
	}
	if err != nil {
		return nil, err
	}
	offered, err := emv.ParsePPSE(data)
	if err != nil {
		return nil, badData(err)
	}
	return offered, nil
}

// selectFirst tries the candidates in the order of their priority. One that the card refuses to
// select is left out (EMV 4.3 Book 1, 12.4).
func (t *transaction) selectFirst(ctx context.Context, offered []emv.Candidate) error {
	missing := &NoApplicationError{Offered: offered}
	for _, c := range t.candidates(offered) {
		err := t.selectOne(ctx, c.AID)
		if refusal := new(apdu.StatusError); errors.As(err, &refusal) {
			missing.Err = err
			continue
		}
		return err
	}
	return missing
}

// selectOne selects an application by its name.
func (t *transaction) selectOne(ctx context.Context, name []byte) error {
	data, err := t.exchange(ctx, entry.SelectByName(name))
	if err != nil {
		return err
	}
	fci, err := emv.ParseFCI(data)
	if err != nil {
		return badData(err)
	}
	if !bytes.Equal(fci.Name, name) {
		return contradicts(emv.TagDFName, "another application than was selected")
	}
	t.data.pdol = fci.PDOL
	t.out.AID, t.out.Label = bytes.Clone(fci.Name), fci.Label
	return nil
}

// candidates returns those that the terminal knows, by priority: 1 first, then up to 15, then those
// without one.
func (t *transaction) candidates(offered []emv.Candidate) []emv.Candidate {
	var known []emv.Candidate
	for _, c := range offered {
		if slices.Contains(t.config.AIDs, wire.AID(c.AID)) {
			known = append(known, c)
		}
	}
	entry.ByPriority(known, func(c emv.Candidate) byte { return c.Priority })
	return known
}
