package card

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/emv"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/show"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/atr"
	"tapbench/pcsc/tlv"
	"tapbench/pcsc/trace"
)

func newInfo(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Say what card lies on the reader and which applications answer",
		Long: `info says what the card on the reader is: its answer to reset in words, the UID that a
contactless reader gives it, and the applications that answer: those that the card lists in its
payment directory, ours, and well-known ones. What they answer is shown in the field's words, with
card numbers masked.

It only selects and reads, and resets the card at the end: no PIN is tried and nothing is changed.
A UID can tell one person's card from another's: think before you publish it.`,
		Example: `  tapbench card info
  tapbench card info --reader ACS --json | jq -r '.applications[].name'`,
		Args: shell.NoArgs,
	}
	reader := device.AddReader(a, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return showCard(cmd.Context(), a, reader) }
	return cmd
}

// cardInfo is what card info prints.
type cardInfo struct {
	ATR          atrJSON       `json:"atr"`
	Protocol     string        `json:"protocol"`
	UID          string        `json:"uid,omitempty"`
	Applications []application `json:"applications"`
	// Asked is how many names were asked for.
	Asked int `json:"asked"`
}

// atrJSON is an answer to reset in words.
type atrJSON struct {
	Bytes  string     `json:"bytes"`
	Text   string     `json:"text"`
	Parts  []atrPart  `json:"parts"`
	Faults []string   `json:"faults,omitempty"`
	raw    []byte     // for the text form
	items  []atr.Item // the same
}

type atrPart struct {
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	Depth  int    `json:"depth,omitempty"`
	Name   string `json:"name"`
	Text   string `json:"text"`
}

// application is one that answered.
type application struct {
	AID    string `json:"aid"`
	Name   string `json:"name,omitempty"`
	Listed bool   `json:"listed"` // by the card's directory
	// Exchanges are the SELECT and what followed it up.
	Exchanges []*show.Item `json:"exchanges"`
}

func showCard(ctx context.Context, a *shell.App, reader *device.ReaderFlag) (err error) {
	card, err := reader.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	s := newSurvey(card)
	if err := s.run(ctx); err != nil {
		return err
	}
	return a.Print(s.info, func(w io.Writer) { s.info.write(w) })
}

// describeATR puts an answer to reset into words.
func describeATR(raw []byte) atrJSON {
	parsed, err := atr.Parse(raw)
	d := atrJSON{
		Bytes: fmt.Sprintf("%X", raw), Text: parsed.String(), Faults: parsed.Faults,
		raw: raw, items: parsed.Items, Parts: []atrPart{},
	}
	if err != nil {
		d.Text = err.Error()
		d.Faults = append(d.Faults, err.Error())
	}
	for _, i := range parsed.Items {
		d.Parts = append(d.Parts, atrPart{i.Off, i.Len, i.Depth, i.Name, i.Text})
	}
	return d
}

// survey asks a card what is on it.
type survey struct {
	card     *noted
	session  *pcsc.Session
	dialogue *show.Dialogue
	info     cardInfo
	seen     map[string]bool
}

func newSurvey(card pcsc.Card) *survey {
	n := &noted{Card: card}
	return &survey{
		card: n, session: pcsc.NewSession(n), dialogue: show.Live(), seen: make(map[string]bool),
		info: cardInfo{
			ATR: describeATR(card.ATR()), Protocol: card.Protocol().String(),
			Applications: []application{},
		},
	}
}

// noted is a card that keeps what passed since it was last asked.
type noted struct {
	pcsc.Card
	steps []trace.Step
}

// Transmit passes a command on and keeps it with its answer.
func (n *noted) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := n.Card.Transmit(ctx, command)
	if err == nil {
		n.steps = append(n.steps, trace.Step{
			Kind:    trace.Exchange,
			Command: trace.Literal(bytes.Clone(command)), Answer: trace.Literal(bytes.Clone(answer)),
		})
	}
	return answer, err
}

// run asks for everything. Only a failure of the transport ends it early.
func (s *survey) run(ctx context.Context) error {
	if err := s.uid(ctx); err != nil {
		return err
	}
	for _, directory := range directories() {
		fci, found, err := s.selected(ctx, directory, false)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		listed := listedNames(fci)
		if len(listed) == 0 {
			if listed, err = s.records(ctx); err != nil {
				return err
			}
		}
		for _, aid := range listed {
			if _, _, err := s.selected(ctx, aid, true); err != nil {
				return err
			}
		}
	}
	for _, aid := range knownApplications() {
		if _, _, err := s.selected(ctx, aid, false); err != nil {
			return err
		}
	}
	return nil
}

// uid asks a contactless reader for the card's UID (PC/SC Part 3 v2.01.09, 3.2.2.1.3). Readers of
// contact cards would pass the command on to the card: they aren't asked.
func (s *survey) uid(ctx context.Context) error {
	parsed, err := atr.Parse(s.card.ATR())
	if err != nil || parsed.Contactless == atr.Contact {
		return nil //nolint:nilerr // an answer to reset that is damaged is shown as such
	}
	answer, err := s.exchange(ctx, apdu.Command{CLA: 0xFF, INS: 0xCA, Ne: apdu.MaxShortNe})
	if err == nil && answer != nil {
		s.info.UID = fmt.Sprintf("%X", answer)
	}
	return err
}

// exchange sends a command. A refusal gives no data and no error.
func (s *survey) exchange(ctx context.Context, c apdu.Command) ([]byte, error) {
	s.card.steps = s.card.steps[:0]
	response, err := s.session.Exchange(ctx, c)
	if refused := new(apdu.StatusError); errors.As(err, &refused) {
		return nil, nil
	}
	return response.Data, err
}

// selected selects an application by its name, once, and notes it if it answers.
func (s *survey) selected(
	ctx context.Context, name string, listed bool,
) (fci []byte, found bool, err error) {
	if s.seen[name] {
		return nil, false, nil
	}
	s.seen[name] = true
	s.info.Asked++
	const byName = 0x04
	s.card.steps = s.card.steps[:0]
	response, err := s.session.Exchange(ctx, apdu.Command{
		INS: 0xA4, P1: byName, Data: []byte(name), Ne: apdu.MaxShortNe,
	})
	if refused := new(apdu.StatusError); errors.As(err, &refused) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	app := application{AID: fmt.Sprintf("%X", name), Listed: listed}
	for _, step := range s.card.steps {
		item := s.dialogue.Item(step)
		app.Name = item.Application
		app.Exchanges = append(app.Exchanges, item)
	}
	if app.Name == "" {
		app.Name = applicationName(name)
	}
	s.info.Applications = append(s.info.Applications, app)
	return response.Data, true, nil
}

// listedNames returns the names in a directory's answer or record: ADF names (4F) in application
// templates (61), as far as they can be read (EMV 4.3 Book 1, 12.2.3).
func listedNames(data []byte) []string {
	var names []string
	entry := -1 // the depth of the application template, if we are in one
	_ = tlv.Walk(data, func(e tlv.Element, depth int) error {
		if depth <= entry {
			entry = -1
		}
		switch {
		case e.Tag == emv.TagApplicationTemplate:
			entry = depth
		case e.Tag == emv.TagADFName && entry >= 0 && len(e.Value) >= 5 && len(e.Value) <= 16:
			names = append(names, string(e.Value))
		}
		return nil
	})
	return names
}

// maxRecords bounds how many records of a directory are read; a record number has 8 bits.
const maxRecords = 30

// records reads the directory's records, in the file of SFI 1 (EMV 4.3 Book 1, 12.2.3).
func (s *survey) records(ctx context.Context) ([]string, error) {
	var names []string
	for n := byte(1); n <= maxRecords; n++ {
		data, err := s.exchange(ctx, apdu.Command{
			INS: 0xB2, P1: n, P2: 1<<3 | 0x04, Ne: apdu.MaxShortNe,
		})
		if err != nil || len(data) == 0 {
			return names, err
		}
		names = append(names, listedNames(data)...)
	}
	return names, nil
}

// write writes it for people.
func (info cardInfo) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "card      %s, speaking %s\n", info.ATR.Text, info.Protocol)
	_, _ = fmt.Fprintf(w, "ATR       % X\n", info.ATR.raw)
	for _, i := range info.ATR.items {
		_, _ = fmt.Fprintf(w, "          %s% X  %s: %s\n", strings.Repeat("  ", i.Depth),
			info.ATR.raw[i.Off:i.Off+i.Len], i.Name, i.Text)
	}
	for _, fault := range info.ATR.Faults {
		_, _ = fmt.Fprintf(w, "          ! %s\n", fault)
	}
	if info.UID != "" {
		_, _ = fmt.Fprintf(w, "UID       %s\n", info.UID)
	}
	_, _ = fmt.Fprintf(w, "answered  %d of the %d names that were asked for\n",
		len(info.Applications), info.Asked)
	for _, app := range info.Applications {
		name := app.Name
		if name == "" {
			name = "unknown application"
		}
		if app.Listed {
			name += ", listed by the card"
		}
		_, _ = fmt.Fprintf(w, "\n%s  %s\n", app.AID, name)
		for _, item := range app.Exchanges {
			writeAnswer(w, item)
		}
	}
}

// writeAnswer writes the data elements of an answer, one to a line.
func writeAnswer(w io.Writer, item *show.Item) {
	for _, e := range item.Answer.Elements {
		if e.Role != "" {
			continue
		}
		value := e.Text
		if value == "" && !e.Template {
			value = item.Answer.Bytes(e.Offset, e.Length)
		}
		label := fmt.Sprintf("%s%-6s%s", strings.Repeat("  ", e.Depth+1), e.Tag, e.Name)
		_, _ = fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-44s  %s", label, value), " "))
	}
}
