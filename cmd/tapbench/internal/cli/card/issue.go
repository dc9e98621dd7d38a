package card

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/issue"
	"tapbench/applet/emvcard/personalise"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/offer"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
)

type issueOptions struct {
	profile string
	keys    string
}

func newIssue(a *shell.App) *cobra.Command {
	o := issueOptions{profile: "contactless"}
	cmd := &cobra.Command{
		Use:   "issue",
		Short: "Personalise the blank contactless EMV card on the reader",
		Long: `issue makes a blank contactless EMV card somebody's: the card makes its RSA key, the test CA
and issuer in --emv-keys certify it, and STORE DATA brings number, records, keys and limits, as the
profile says. It is the applet's package of docs/real-card.md, installed under the name of the
profile's application, or what "card serve --blank" offers.

A card is personalised once. What breaks off leaves it blank: do it again.`,
		Example: `  tapbench card issue --reader ACS
  tapbench card issue --profile mine.json --emv-keys pki/emv`,
		Args: shell.NoArgs,
	}
	reader := device.AddReader(a, cmd)
	device.AddProfile(cmd, &o.profile)
	device.AddEMVKeys(a, cmd, &o.keys)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return cardIssue(cmd.Context(), a, reader, o)
	}
	return cmd
}

// issuedJSON is what card issue prints.
type issuedJSON struct {
	Profile string `json:"profile"`
	AID     string `json:"aid"`
	Label   string `json:"label"`
	PAN     string `json:"pan"` // masked
}

func cardIssue(
	ctx context.Context, a *shell.App, reader *device.ReaderFlag, o issueOptions,
) (err error) {
	p, err := device.ReadProfile(o.profile)
	if err != nil {
		return err
	}
	if err := offer.SuitsContactless(o.profile, p); err != nil {
		return err
	}
	card, err := reader.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	keys, err := parties.OpenEMVKeys(a, o.keys)
	if err != nil {
		return err
	}
	made, err := issue.Card(ctx, pcsc.NewSession(card), personalise.Config{
		Profile: p, Authority: keys.Authority, Issuer: keys.Issuer,
	})
	if err != nil {
		return fmt.Errorf("personalising the card: %w", err)
	}
	is := issuedJSON{
		Profile: p.Name, AID: shell.Digits(made.Applications[0].AID), Label: p.Applications[0].Label,
		PAN: emv.MaskPAN(made.Applications[0].PAN),
	}
	return a.Print(is, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "the card is one of profile %s: %s %q, number %s\n",
			is.Profile, is.AID, is.Label, is.PAN)
	})
}
