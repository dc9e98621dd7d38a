package terminal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/parameters"
)

// emvFlags say how a payment by somebody else's EMV card is taken.
type emvFlags struct {
	caKeys, config, way, aid, pin string
	issuers                       []string
	choose, online                bool
	relay                         relay.Policy
	cashback                      string
}

// addEMVFlags adds them.
func addEMVFlags(cmd *cobra.Command) *emvFlags {
	o := new(emvFlags)
	f := cmd.Flags()
	f.StringVar(&o.caKeys, "ca-keys", "",
		"`file` of CA keys for EMV cards, as EMVCo's lines or JSON (tapbench pki export)")
	f.StringArrayVar(&o.issuers, "issuer", nil,
		"test issuer's key `file`, who authorises EMV payments; may be repeated")
	f.StringVar(&o.config, "terminal-config", "",
		"`file` of the EMV terminal's parameters (tapbench terminal parameters)")
	f.StringVar(&o.way, "way", "", "where to look for EMV applications: anyhow, contact, contactless "+
		"or listed (default: the parameters')")
	f.StringVar(&o.aid, "aid", "", "take this EMV application alone, by its name in `HEX`")
	f.BoolVar(&o.choose, "choose", false, "ask which EMV application to use, and confirm it")
	f.StringVar(&o.pin, "pin", "", "where a PIN comes from: ask, stdin (its first line) or "+
		"none (default: ask on a terminal, else none)")
	f.BoolVar(&o.online, "force-online", false, "have the EMV card's issuer asked in any case")
	f.StringVar(&o.cashback, "cashback", "", "what of an EMV payment is paid out, beside --amount")
	for name, values := range map[string][]string{
		"way": {"anyhow", "contact", "contactless", "listed"}, "pin": {pinAsk, pinStdin, pinNone},
	} {
		_ = cmd.RegisterFlagCompletionFunc(name,
			cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("aid", completeAID)
	return o
}

// completeAID completes the name of an application that the built-in terminal takes.
func completeAID(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, known := range parameters.Default().Applications {
		names = append(names, shell.Digits(known.AID))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// given says whether one of the flags was: then it is asked what card it is before anything else.
func (o *emvFlags) given(cmd *cobra.Command) bool {
	for _, name := range []string{
		"ca-keys", "issuer", "terminal-config", "way", "aid", "choose", "pin", "force-online", "cashback",
	} {
		if cmd.Flags().Changed(name) {
			return true
		}
	}
	return false
}

// emvTerminal is what takes such payments.
type emvTerminal struct {
	kernel *general.Kernel
	config general.Config
	host   general.Host // nil: offline only
	answer string       // of the issuer, in words
}

// open reads what the flags name.
func openEMV(a *shell.App, o *emvFlags) (*emvTerminal, error) {
	p, err := o.parameters()
	if err != nil {
		return nil, err
	}
	t := new(emvTerminal)
	if len(o.issuers) == 0 {
		p.Terminal.Type = offlineType(p.Terminal.Type)
	}
	pad, err := openPINPad(a, o.pin)
	if err != nil {
		return nil, err
	}
	if len(o.issuers) > 0 {
		host, err := o.issuer(t)
		if err != nil {
			return nil, err
		}
		t.host, p = host, o.withPINKey(p, host.pinKey, pad)
	}
	pad.key = p.PINKey
	c := p.Config(general.Config{PINPad: pad, Relay: &o.relay, Now: time.Now, Rand: rand.Reader})
	if o.choose {
		c.Chooser = &chooser{app: a}
	}
	if c.CAKeys, err = pos.ReadCAKeys(o.caKeys); err != nil {
		return nil, err
	}
	t.config = c
	t.kernel, err = general.New(c)
	return t, err
}

// maxIssuer bounds an issuer's file, as its package does.
const maxIssuer = 1 << 20

// parameters returns the terminal's, with what the flags change.
func (o *emvFlags) parameters() (parameters.Parameters, error) {
	p, err := pos.ReadParameters(o.config)
	if err != nil {
		return p, err
	}
	if o.way != "" {
		way, err := parameters.ParseWay(o.way)
		if err != nil {
			return p, shell.Usagef("--way: %w", err)
		}
		p.Way = way
	}
	if o.aid == "" {
		return p, nil
	}
	name, err := hex.DecodeString(o.aid)
	if err != nil || len(name) < 5 || len(name) > 16 {
		return p, shell.Usagef("--aid: expected 5 to 16 bytes in hexadecimal")
	}
	only, ok := p.Only(name)
	if !ok {
		return p, shell.Usagef("--aid %X: the terminal's parameters don't have it", name)
	}
	return only, nil
}

// offlineType is a terminal type of the same kind that has no way online (EMV 4.3 Book 4, annex
// A1).
func offlineType(kind byte) byte {
	switch kind & 0x0F {
	case 1, 2:
		return kind&0xF0 | 3
	case 4, 5:
		return kind&0xF0 | 6
	default:
		return kind
	}
}

// issuer opens the test issuers, who are asked one after the other.
func (o *emvFlags) issuer(t *emvTerminal) (*issuerHost, error) {
	host := &issuerHost{said: &t.answer}
	for _, path := range o.issuers {
		raw, err := shell.ReadBounded(path, maxIssuer)
		if err != nil {
			return nil, err
		}
		config, err := issuer.ParseFile(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		host.issuers = append(host.issuers, issuer.New(config))
		if host.pinKey == nil {
			host.pinKey = config.PINs.Key
		}
	}
	return host, nil
}

// issuerHost has payments authorised by test issuers in this process.
type issuerHost struct {
	issuers []*issuer.Issuer
	said    *string
	pinKey  *pinblock.Key // the first one's who has any
}

// withPINKey gives a terminal that has no key for PINs the issuer's. Without --terminal-config, and
// where somebody can enter a PIN, it can do online PINs then.
func (o *emvFlags) withPINKey(
	p parameters.Parameters, key *pinblock.Key, pad *pinPad,
) parameters.Parameters {
	switch {
	case p.PINKey != nil || key == nil:
	case o.config == "" && pad.from != pinNone:
		return p.WithPINKey(*key)
	default:
		p.PINKey = key
	}
	return p
}

// Authorise asks the first issuer that can read the request: whose scheme and key index it is.
func (h *issuerHost) Authorise(_ context.Context, q general.Request) (outcome.Answer, error) {
	var last error
	for _, i := range h.issuers {
		answer, err := i.Authorise(issuer.Request{
			Amount: q.Amount, Currency: q.Currency, ICC: q.ICC, PAN: q.PAN, Sequence: q.Sequence,
			PINBlock: q.PINBlock,
		})
		if err != nil {
			last = err
			continue
		}
		*h.said = answer.Why
		return outcome.Answer{
			ARC: answer.ARC, IssuerAuth: answer.IssuerAuth, Scripts: answer.Scripts,
		}, nil
	}
	return outcome.Answer{}, fmt.Errorf("%w: %w", general.ErrNotSent, last)
}

// isOwn says whether a card is one of tapbench's anonymous ones, by the application that it
// offers first among those that the terminal takes.
func (t *emvTerminal) isOwn(ctx context.Context, card pcsc.Card) (bool, error) {
	applications := []entry.Application{{AID: []byte(wire.AIDPayment)}}
	for _, a := range t.config.Applications {
		applications = append(applications, a.Application)
	}
	list, err := entry.Find(ctx, pcsc.NewSession(card), entry.Terminal{
		Applications: applications, Way: t.config.Way,
	})
	if errors.Is(err, entry.ErrNoApplication) {
		return false, nil // the kernel says so, and explains it
	}
	if err != nil {
		return false, err
	}
	return entry.KernelFor(list.Candidates()[0].AID) == entry.Anonymous, nil
}
