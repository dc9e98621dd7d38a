package card

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/offer"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

func newServe(a *shell.App) *cobra.Command {
	var o offer.Options
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Offer a secure element to a virtual reader until interrupted",
		Long: `serve lays a secure element on a virtual reader and answers for it until it is interrupted,
which takes the card away: the emulator, or with --se jcardsim the Java Card applet. What the card
keeps is in the file named by --state, which is the same for both; a new file is a new card, without
keys.

With --profile the card is what a profile says: "card profile list" has the built-in ones, and
docs/profiles.md says how to write another. An anonymous profile gives the emulator its AID, label
and ATR. Any other one makes an EMV card when the file is new, with account number and keys of its
own; from then on the file is that card, also without --profile. Its keys are certified by the test
CA in --emv-keys, which "pki export" writes for terminals. With --se jcardsim it is the contactless
Java Card applet, which makes its RSA key itself; it takes profiles such as contactless.

With --seed a new EMV card's number and keys are drawn from that text, and so are the test CA and
the issuer if --emv-keys isn't there yet: the same seed and profile make the same card everywhere,
for CI, and for recordings that others are to replay. Whoever knows the seed has all keys.

The reader is either one of a bench that "tapbench up" started in another shell, by its slot socket
(TAPBENCH_SLOTS there), or any vpcd that listens at an address.

With --bind-state the state is bound to an NV index of the TPM: each change is answered after the
index has been extended, and an older or a forked copy of the file is locked. A file that isn't
bound yet is bound from then on. docs/rollback.md says what to do about a locked one.

With --reader-model the card is as it would be behind a certain reader: one that takes short APDUs
only, answers pseudo-APDUs (FF CA) itself, makes up the ATR and takes its time. With --model the
emulator takes as long as a real card. With --fault an exchange goes wrong: tear-command,
tear-answer, flip-command, flip-answer, delay, duplicate or drop; with --fault-rate chance decides
which, and --fault-seed repeats it. What a reader can't carry takes the card away; the log says why.
docs/reader-models.md has the models.`,
		Example: `  tapbench card serve --state card.state --slots "$TAPBENCH_SLOTS" --slot 1
  tapbench card serve --state card.state --vpcd 127.0.0.1:35963
  tapbench card serve --state card.state --se jcardsim
  tapbench card serve --state emv.state --profile contact
  tapbench card serve --state emv.state --profile contact --seed ci
  tapbench card serve --state emv.state --profile contactless --se jcardsim
  tapbench card serve --state card.state --reader-model acr122u --fault tear-answer@12:40
  tapbench card serve --state card.state --tpm swtpm:element-tpm --bind-state`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.State, "state", "card.state", "`file` that holds the card's persistent state")
	device.AddMade(cmd, &o.Profile, &o.Seed)
	device.AddEMVKeys(a, cmd, &o.Keys)
	f.BoolVar(&o.Blank, "blank", false,
		"the contactless EMV card isn't personalised yet: \"card issue\" does that")
	f.StringVar(&o.SE, "se", device.SEEmulator, "which secure element: emulator or `jcardsim`")
	device.AddApplet(cmd, &o.Applet)
	_ = cmd.RegisterFlagCompletionFunc("se", cobra.FixedCompletions(
		[]string{device.SEEmulator, device.SEJCardSim}, cobra.ShellCompDirectiveNoFileComp))
	f.StringVar(&o.VPCD, "vpcd", "", "`address` where a vpcd listens, such as 127.0.0.1:35963")
	f.StringVar(&o.Socket, "slots", a.Getenv("TAPBENCH_SLOTS"), "slot `socket` of a bench")
	f.IntVar(&o.Slot, "slot", 1, "`number` of the bench's slot, from 0")
	o.TPM = device.AddTPM(a, cmd)
	o.Bind = device.AddBind(cmd, o.TPM, "card's state", device.ElementIndex)
	o.Model = device.AddModel(cmd)
	return cmd
}

func serve(ctx context.Context, a *shell.App, o offer.Options) (err error) {
	if !device.RunsHere(o.SE) {
		return shell.Usagef("--se %q is neither emulator nor jcardsim", o.SE)
	}
	remove, err := offer.Lay(ctx, a, o)
	if err != nil {
		return err
	}
	err = a.Print(map[string]string{"card": "on the reader", "state": o.State}, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "the card lies on the reader; Ctrl-C takes it away\n")
	})
	<-ctx.Done()
	if removeErr := remove(); err == nil {
		err = removeErr
	}
	return err
}
