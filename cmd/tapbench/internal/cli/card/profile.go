package card

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emvcard/authority"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/atr"
	"tapbench/pcsc/tlv"
)

func newProfile(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "profile", Short: "List, show or check what a card is to be"}
	cmd.AddCommand(newProfileList(a), newProfileShow(a), newProfileCheck(a))
	return cmd
}

func newProfileList(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the built-in profiles",
		Long:    `list names the built-in profiles, which "card serve --profile" takes.`,
		Example: "  tapbench card profile list\n  tapbench card profile list --json",
		Args:    shell.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return profileList(a) },
	}
}

// profileJSON is a profile as list prints it.
type profileJSON struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Comment string `json:"comment"`
}

func profileList(a *shell.App) error {
	list := []profileJSON{}
	for _, name := range profile.Names() {
		p, err := profile.Builtin(name)
		if err != nil {
			return err
		}
		list = append(list, profileJSON{p.Name, p.Kind, p.Comment})
	}
	return a.Print(map[string]any{"profiles": list}, func(w io.Writer) {
		for _, p := range list {
			_, _ = fmt.Fprintf(w, "%-12s %-10s %s\n", p.Name, p.Kind, p.Comment)
		}
	})
}

func newProfileShow(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME|FILE",
		Short: "Print a profile, to begin one's own with",
		Long: `show prints a profile as it is written, if it is one. docs/profiles.md describes each field;
docs/profile.schema.json is for editors.`,
		Example: "  tapbench card profile show contact > mine.json\n" +
			"  tapbench card profile show contact --json | jq .applications[0].aid",
		Args:              shell.Takes(1, 1),
		ValidArgsFunction: device.CompleteProfile,
		RunE:              func(_ *cobra.Command, args []string) error { return profileShow(a, args[0]) },
	}
}

func profileShow(a *shell.App, name string) error {
	if _, err := device.ReadProfile(name); err != nil {
		return err
	}
	raw, err := device.ProfileSource(name)
	if err != nil {
		return err
	}
	return a.Print(json.RawMessage(raw), func(w io.Writer) {
		_, _ = w.Write(raw)
	})
}

func newProfileCheck(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "check NAME|FILE",
		Short: "Check a profile, and say what a card of it would be",
		Long: `check reads a profile and makes a card of it, with keys that are thrown away: it prints the
first field that is wrong, or what terminals would read: the answers to SELECT, AIP and AFL, and
each record with its length and tags. Account numbers and keys aren't printed. A note says where the
answer to reset doesn't go with the card, which is allowed.`,
		Example: "  tapbench card profile check mine.json\n" +
			"  tapbench card profile check interop --json",
		Args:              shell.Takes(1, 1),
		ValidArgsFunction: device.CompleteProfile,
		RunE:              func(_ *cobra.Command, args []string) error { return profileCheck(a, args[0]) },
	}
}

// cardJSON is what a card of a profile would be.
type cardJSON struct {
	Profile      string            `json:"profile"`
	Kind         string            `json:"kind"`
	ATR          string            `json:"atr"`
	Protocol     string            `json:"protocol"`
	Directories  []string          `json:"directories"`
	Applications []applicationJSON `json:"applications"`
	Notes        []string          `json:"notes,omitempty"` // what may be meant, and surprises readers
}

type applicationJSON struct {
	AID      string       `json:"aid"`
	Label    string       `json:"label"`
	Priority byte         `json:"priority"`
	Scheme   string       `json:"scheme,omitempty"`
	ODA      []string     `json:"authentication,omitempty"`
	FCI      string       `json:"fci,omitempty"`
	AIP      string       `json:"aip,omitempty"`
	AFL      string       `json:"afl,omitempty"`
	Records  []recordJSON `json:"records,omitempty"`
}

type recordJSON struct {
	SFI    byte     `json:"sfi"`
	Record byte     `json:"record"`
	Bytes  int      `json:"bytes"`
	Signed bool     `json:"signed"`
	Tags   []string `json:"tags"`
}

func profileCheck(a *shell.App, name string) error {
	p, err := device.ReadProfile(name)
	if err != nil {
		return err
	}
	out := cardJSON{
		Profile: p.Name, Kind: p.Kind, ATR: shell.Digits(p.ATR), Protocol: p.Protocol,
		Directories: append([]string{}, p.Directories...), Applications: []applicationJSON{},
		Notes: notesOn(p),
	}
	var card image.Card
	if p.Kind == profile.EMV {
		if card, err = throwaway(p); err != nil {
			return fmt.Errorf("personalising profile %s: %w", name, err)
		}
	}
	for i, app := range p.Applications {
		one := applicationJSON{
			AID: shell.Digits(app.AID), Label: app.Label, Priority: app.Priority,
			Scheme: app.Scheme, ODA: app.Authentication,
		}
		if p.Kind == profile.EMV {
			one.describe(app, card.Applications[i])
		}
		out.Applications = append(out.Applications, one)
	}
	return a.Print(out, out.write)
}

// notesOn says where the answer to reset doesn't go with the card: any may be given.
func notesOn(p profile.Profile) (notes []string) {
	parsed, err := atr.Parse(p.ATR)
	if err != nil {
		return nil // the profile's own check has said so
	}
	for _, fault := range parsed.Faults {
		notes = append(notes, "ATR: "+fault)
	}
	if talks := p.Protocol[len("T=")] - '0'; !slices.Contains(parsed.Protocols, talks) {
		notes = append(notes, fmt.Sprintf("ATR: it doesn't offer %s, which the card talks", p.Protocol))
	}
	return notes
}

// throwaway makes a card that nobody gets.
func throwaway(p profile.Profile) (image.Card, error) {
	ca, err := authority.Draw(nil, time.Date(2049, time.December, 31, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return image.Card{}, err
	}
	cfg := personalise.Config{Profile: p, Authority: ca}
	for _, word := range profile.Words("scheme") {
		scheme, err := cryptogram.ParseScheme(word.Name)
		if err != nil {
			return image.Card{}, err
		}
		cfg.Issuer = append(cfg.Issuer, issuer.Keys{Scheme: scheme})
	}
	return personalise.Card(cfg)
}

// describe says what is on a card, but for values of its own.
func (j *applicationJSON) describe(p profile.Application, app image.Application) {
	j.FCI = shell.Digits(app.FCI)
	j.AIP, j.AFL = shell.Digits(app.AIP[:]), shell.Digits(app.AFL)
	for i, r := range app.Records {
		one := recordJSON{
			SFI: r.SFI, Record: r.Number, Bytes: len(r.Data), Signed: p.Records[i].Signed,
			Tags: []string{},
		}
		_ = tlv.Walk(r.Data, func(e tlv.Element, _ int) error { // of our own making
			if e.Tag != emv.TagRecord {
				one.Tags = append(one.Tags, e.Tag.String())
			}
			return nil
		})
		j.Records = append(j.Records, one)
	}
}

func (c cardJSON) write(w io.Writer) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("%s: %s, %s, ATR %s", c.Profile, c.Kind, c.Protocol, c.ATR)
	if len(c.Directories) > 0 {
		line("directories  %s", strings.Join(c.Directories, " "))
	}
	for _, note := range c.Notes {
		line("note: %s", note)
	}
	for _, a := range c.Applications {
		line("\n%s  %q, priority %d", a.AID, a.Label, a.Priority)
		if c.Kind != profile.EMV {
			continue
		}
		line("  scheme          %s", a.Scheme)
		line("  authentication  %s", strings.Join(a.ODA, " "))
		line("  FCI             %s", a.FCI)
		line("  AIP %s  AFL %s", a.AIP, a.AFL)
		for _, r := range a.Records {
			signed := ""
			if r.Signed {
				signed = "  signed"
			}
			line("  SFI %-2d record %-3d %3d bytes  %s%s", r.SFI, r.Record, r.Bytes,
				strings.Join(r.Tags, " "), signed)
		}
	}
}
