package up

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
)

// upOptions say what a bed is made of.
type upOptions struct {
	bench   *testbed.Flags
	se      string
	noCard  bool
	noTPM   bool
	state   string
	readers int
	names   []string
	model   *device.ModelFlags
	profile string
	seed    string
}

// New returns the command "up".
func New(a *shell.App) *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up [-- CMD [ARGS…]]",
		Short: "Start a test bed, reader, card and TPM, for one command or until interrupted",
		Long: `up starts a private pcscd with a virtual reader, lays a secure element on it, emulated or
the Java Card applet in jCardSim, and starts a swtpm. It waits until each of them has answered a
question. Nothing else on the machine sees the reader, and several beds run side by side.

With a command, up runs it on the bed, ends everything when the command ends, and exits with its
exit code: 128 and the signal's number if a signal ended it, 126 if it can't be executed, 127 if
there is no such program. If the bed can't be started the command isn't run. Standard streams are
the command's own. SIGINT, SIGTERM and SIGHUP go on to the command and its process group, and a
second one kills it; on a terminal the command gets Ctrl-C and Ctrl-Z from there, as it would
without up. What the command leaves running isn't waited for.

Without one, up prints the environment that a second shell needs, and ends everything on Ctrl-C.

With --reader-model the virtual reader has a real one's name, limits, delays and pseudo-APDUs, as
docs/reader-models.md has them, with --model the card takes as long as a real one, and with --fault
or --fault-rate exchanges go wrong.

With --profile the card is an EMV card, or an anonymous one with other names, as "card serve" has
it. Its test CA and issuer are drawn for the bed: "pki export" writes what terminals need of them.

The command finds in its environment:
  PCSCLITE_CSOCK_NAME    pcscd's socket, which every PC/SC program then uses
  TPM2TOOLS_TCTI         where the TPM is, for tpm2-tools
  TAPBENCH_BIND_STATE    with --bind-state: wallet commands bind their state, too
  TAPBENCH_REINSTALL     how "card check" makes this card fresh: by "tapbench card renew"
  TAPBENCH_EMV_KEYS      with --profile: the folder of the card's test CA and issuer
  TAPBENCH_READER, TAPBENCH_TPM, TAPBENCH_SLOTS, TAPBENCH_MEASUREMENTS, TAPBENCH_EK_ROOTS
                         the same and more, for tapbench's own commands`,
		Example: `  tapbench up -- make test
  tapbench up -- sh -c 'opensc-tool -a && tpm2_getrandom --hex 8'
  tapbench up --no-tpm --reader-name "ACS ACR122U" -- ./mytest
  tapbench up --readers 2 --se none -- pytest
  tapbench up --reader-model acr122u -- ./mytest
  tapbench up --no-tpm --profile contact -- emvtool info

  tapbench up --keep bed          # first shell
  . bed/env                       # second shell
  opensc-tool -a; pcsc_scan -r; tpm2_getcap properties-fixed`,
	}
	o.bench = testbed.AddFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.se, "se", device.SEEmulator,
		"the card: emulator, jcardsim, none, or reader:`NAME`, a real one")
	f.BoolVar(&o.noCard, "no-card", false, "leave the reader empty, as --se none does")
	f.BoolVar(&o.noTPM, "no-tpm", false, "start no TPM")
	f.StringVar(&o.state, "card-state", "",
		"`file` that holds the card's persistent state (default: in the bench's folder)")
	o.bench.AddBind(cmd)
	o.model = device.AddModel(cmd)
	device.AddMade(cmd, &o.profile, &o.seed)
	f.IntVar(&o.readers, "readers", 0, "how many virtual readers, 1 to 8, of two slots each")
	f.StringArrayVar(&o.names, "reader-name", nil,
		"`name` of the virtual reader; again for one more reader")
	_ = cmd.RegisterFlagCompletionFunc("se", cobra.FixedCompletions(
		[]string{device.SEEmulator, device.SEJCardSim, device.SENone, device.SEReader},
		cobra.ShellCompDirectiveNoSpace))
	_ = cmd.MarkFlagFilename("card-state")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(cmd, args, a.JSON); err != nil {
			return err
		}
		return up(cmd.Context(), a, o, args)
	}
	return cmd
}

// check refuses what doesn't fit, and settles what was left open.
func (o *upOptions) check(cmd *cobra.Command, args []string, json bool) error {
	dash := cmd.ArgsLenAtDash()
	switch {
	case len(args) > 0 && dash != 0:
		return shell.Usagef("%q: put -- before the command: tapbench up -- CMD", args[0])
	case len(args) == 0 && dash == 0:
		return shell.Usagef("name a command behind --, or leave -- out")
	case len(args) > 0 && json:
		return shell.Usagef("--json: with a command, standard output is the command's")
	}
	if o.noCard {
		if cmd.Flags().Changed("se") && o.se != device.SENone {
			return shell.Usagef("--no-card and --se contradict each other")
		}
		o.se = device.SENone
	}
	counted := cmd.Flags().Changed("readers")
	if err := o.checkCard(counted || len(o.names) > 0); err != nil {
		return err
	}
	if title := o.model.Title(); title != "" && len(o.names) == 0 {
		o.names = []string{title}
	}
	if !counted {
		return nil
	}
	return o.nameReaders()
}

// checkCard refuses a card that there can't be; virtual says that virtual readers were asked for.
func (o *upOptions) checkCard(virtual bool) error {
	reader, isReader := strings.CutPrefix(o.se, device.SEReader)
	switch {
	case !device.RunsHere(o.se) && o.se != device.SENone && (!isReader || reader == ""):
		return shell.Usagef("--se %q is neither emulator, jcardsim, none nor reader:NAME",
			o.se)
	case isReader && virtual:
		return shell.Usagef("--se reader:NAME starts no virtual reader:" +
			" leave --readers and --reader-name out")
	case o.bench.Bind && (!device.RunsHere(o.se) || o.noTPM):
		return shell.Usagef("--bind-state binds the bench's own card to its TPM:" +
			" leave --no-tpm out, and --se none or reader:NAME")
	case !device.RunsHere(o.se) && o.state != "":
		return shell.Usagef("--card-state: there is no such card with --se %s", o.se)
	}
	return o.checkProfile()
}

// checkProfile refuses a profile for a card that isn't made here.
func (o *upOptions) checkProfile() error {
	switch {
	case o.profile == "" && o.seed != "":
		return shell.Usagef("--seed: name the card's profile with --profile")
	case o.profile == "":
		return o.model.Check(o.se)
	case !device.RunsHere(o.se):
		return shell.Usagef("--profile: there is no such card with --se %s", o.se)
	case o.bench.Bind:
		return shell.Usagef("--profile and --bind-state: bind it with \"card serve\"")
	}
	if _, err := device.ReadProfile(o.profile); err != nil {
		return err
	}
	return o.model.Check(o.se)
}

// nameReaders turns --readers N into the names of N readers.
func (o *upOptions) nameReaders() error {
	switch {
	case o.readers < 1 || o.readers > daemon.MaxReaders:
		return shell.Usagef("--readers %d isn't 1 to %d", o.readers, daemon.MaxReaders)
	case len(o.names) > 1:
		return shell.Usagef("--readers: with one --reader-name at most; or name each")
	case len(o.names) == 0:
		o.names = []string{daemon.DefaultReader}
	}
	for n := 2; n <= o.readers; n++ {
		o.names = append(o.names, fmt.Sprintf("%s %d", o.names[0], n))
	}
	return nil
}

func up(ctx context.Context, a *shell.App, o upOptions, args []string) (err error) {
	var command *bench.Command
	if len(args) > 0 {
		var exit int
		if command, exit, err = bench.FindCommand(args[0], args[1:]...); err != nil {
			return &shell.CommandError{Exit: exit, Err: err}
		}
	}
	dir, remove, err := o.bench.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	bed, err := startUpBed(ctx, a, dir, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bed.Stop()) }()
	if o.profile != "" {
		remove, err := layProfile(ctx, a, bed, dir, o)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
	}
	reader, err := ask(ctx, bed, o)
	if err != nil {
		return err
	}
	env := testbed.Environment(bed, reader)
	if o.profile != "" {
		env = append(env, testbed.Variable{Name: device.EMVKeysVariable, Value: emvKeysIn(dir)})
	}
	if o.bench.Bind {
		env = append(env,
			testbed.Variable{Name: device.BindVariable, Value: device.IndexName(device.WalletIndex)})
	}
	return testbed.Serve(ctx, a, bed.Wait, command, dir, env)
}

// startUpBed starts the bed.
func startUpBed(ctx context.Context, a *shell.App, dir string, o upOptions) (*bench.Bed, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	var behind func(pcsc.Processor) (pcsc.Processor, error)
	if o.profile == "" { // else the card is laid there later
		if behind, err = o.model.Wrap(a); err != nil {
			return nil, err
		}
	}
	bed, err := bench.StartBed(ctx, bench.BedConfig{
		Dir: dir, Driver: o.bench.Driver, SystemReader: o.bench.System, Behind: behind,
		Reader: device.RunsHere(o.se) || o.se == device.SENone,
		Card:   device.RunsHere(o.se) && o.profile == "",
		TPM:    !o.noTPM,
		Applet: device.AppletOf(o.se, o.bench.Applet), Readers: o.names, CardState: o.state,
		Meter: o.model.Meter, Renew: true, BindState: o.bench.Bind, Software: executable, Log: a.Log,
	})
	if errors.Is(err, daemon.ErrConfig) && len(o.names) > 0 {
		return nil, shell.Usage(err)
	}
	return bed, err
}

// ask asks every part of the bed for an answer, and returns the name of the reader that holds the
// card, or would.
func ask(ctx context.Context, bed *bench.Bed, o upOptions) (reader string, err error) {
	q := bed.Question()
	if bed.Reader != nil && q.Socket == "" { // the machine's own service has the virtual reader
		if err := os.Unsetenv("PCSCLITE_CSOCK_NAME"); err != nil {
			return "", fmt.Errorf("turning to the machine's own pcscd: %w", err)
		}
	}
	if name, ok := strings.CutPrefix(o.se, device.SEReader); ok {
		readers, err := device.ListReaders(ctx)
		if err != nil {
			return "", err
		}
		chosen, err := (&device.ReaderFlag{Name: name}).Choose(readers)
		if err != nil {
			return "", err
		}
		q.Readers, q.Card = []string{chosen.Name}, chosen.Name
	}
	if o.profile != "" {
		q.Card = q.Readers[0]
	}
	if err := bench.Ask(ctx, q); err != nil {
		return "", fmt.Errorf("waiting for the bed: %w", err)
	}
	return q.Readers[0], nil
}
