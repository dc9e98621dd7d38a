package replay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv"
	"tapbench/pcsc"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/rules"
	"tapbench/terminal/parameters"
)

// playEMV has the kernel for somebody else's cards take one payment.
func (r *runner) playEMV(ctx context.Context, steps []trace.Step) (Tap, error) {
	result := Tap{Line: steps[0].Line}
	for _, s := range steps {
		result.StandIns = StandIns(result.StandIns, s)
	}
	told := readEMV(steps)
	now, err := told.clockTime()
	if err != nil {
		return result, err
	}
	clock := told.relay.clock(now, told.values[emv.TagTVR])
	policy := told.relay.policy()
	config := general.Config{
		CAKeys: r.config.CAKeys, Now: clock.read, Rand: told.random(), Relay: &policy,
		PINPad: &recordedPad{
			left: len(told.verified), online: told.tvr(false).Has(rules.OnlinePIN),
		},
		Exception: func(string, byte) bool { return told.tvr(false).Has(rules.OnExceptionFile) },
	}
	if len(r.config.CAKeys) == 0 {
		config.Believe = believer{told}
	}
	p := parameters.Default()
	if r.config.Parameters != nil {
		p = *r.config.Parameters
	}
	k, err := general.New(told.terminal(p).Config(config))
	if err != nil {
		return result, err
	}
	result.Difference, err = compared(ctx, steps, clock, func(card pcsc.Card) {
		out, err := k.Pay(ctx, card, emvHost{told}, told.purchase())
		result.EMV, result.Err = &out, err
	})
	return result, err
}

// clockTime returns when the payment was, by its date and time.
func (t *emvTap) clockTime() (time.Time, error) {
	day := [3]byte{0x26, 0x01, 0x01}
	copy(day[:], t.values[emv.TagDate])
	now, err := emv.ParseDate(day)
	if err != nil {
		return now, fmt.Errorf("the recorded date: %w", err)
	}
	if v := t.values[emv.TagTime]; len(v) == 3 {
		for n, unit := range [...]time.Duration{time.Hour, time.Minute, time.Second} {
			now = now.Add(time.Duration(v[n]>>4*10+v[n]&0x0F) * unit)
		}
	}
	return now, nil
}

// random is what the kernel draws, in its order: the unpredictable number, entropies, the lot of
// random selection, PIN paddings.
func (t *emvTap) random() io.Reader {
	var un [4]byte
	copy(un[:], t.values[emv.TagUN])
	lot := byte(98) // the number 99, which no share has
	if t.tvr(false).Has(rules.RandomlyOnline) {
		lot = 0
	}
	return io.MultiReader(bytes.NewReader(un[:]), bytes.NewReader(t.relay.entropies),
		bytes.NewReader([]byte{lot}), zeros{})
}

// zeros is a source that doesn't end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// purchase is what was paid.
func (t *emvTap) purchase() general.Purchase {
	p := general.Purchase{Amount: 1, Online: t.tvr(false).Has(rules.MerchantOnline)}
	if n, ok := decimal(t.values[emv.TagAmount]); ok {
		p.Amount = n
	}
	if n, ok := decimal(t.values[emv.TagAmountOther]); ok && n <= p.Amount {
		p.Amount, p.Cashback = p.Amount-n, n
	}
	if n, ok := decimal(t.values[emv.TagTransactionNumber]); ok {
		p.Number = uint32(n % 1e8)
	}
	if v := t.values[emv.TagTransactionType]; len(v) == 1 {
		p.Type = general.Type(v[0])
	}
	return p
}

// decimal reads digits in BCD.
func decimal(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 6 {
		return 0, false
	}
	for _, c := range b {
		if c>>4 > 9 || c&0x0F > 9 {
			return 0, false
		}
		n = n*100 + uint64(c>>4*10+c&0x0F)
	}
	return n, true
}

// terminal puts what the recorded terminal said of itself into its parameters, and leaves the
// applications that it asked for.
func (t *emvTap) terminal(p parameters.Parameters) parameters.Parameters {
	known := p
	p.Way, p.Applications = t.way(), nil
	for _, name := range t.names {
		if only, ok := known.Only(name); ok {
			p.Applications = append(p.Applications, only.Applications...)
			continue
		}
		a := parameters.DefaultApplication(name)
		a.Partial = false
		p.Applications = append(p.Applications, a)
	}
	of := &p.Terminal
	for tag, into := range map[tlv.Tag][]byte{
		emv.TagCapabilities: of.Capabilities[:], emv.TagAdditionalCapabilities: of.Additional[:],
		emv.TagCountry: of.Country[:], emv.TagCurrency: of.Currency[:],
		emv.TagMerchantCategory: of.Category[:], emv.TagAcquirer: of.Acquirer[:],
		emv.TagMerchant: of.Merchant[:], emv.TagTerminalID: of.ID[:],
		emv.TagSerialNumber: of.Serial[:], emv.TagQualifiers: of.Qualifiers[:],
	} {
		if v := t.values[tag]; len(v) == len(into) {
			copy(into, v)
		}
	}
	if v := t.values[emv.TagTerminalType]; len(v) == 1 {
		of.Type = v[0]
	}
	if v := t.values[emv.TagCurrencyExponent]; len(v) == 1 {
		of.Exponent = v[0]
	}
	return p
}
