package card

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/show"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

type sendOptions struct {
	reader *device.ReaderFlag
	file   string
	follow bool
	bytes  bool
}

func newSend(a *shell.App) *cobra.Command {
	var o sendOptions
	cmd := &cobra.Command{
		Use:   "send [HEX… | - | -f FILE]",
		Short: "Send commands to the card and show what they and the answers mean",
		Long: `send sends each HEX to the card on the reader and shows command and answer in the field's
words. A command is written 00A40400, 00 A4 04 00 or 00:A4:04:00. PINs and card numbers aren't
shown.

61xx is followed by GET RESPONSE and 6Cxx by the same command with that Le, as opensc-tool does;
each is shown. --follow=false leaves that to you. The card is reset at the end.

With - or -f FILE the commands come from a script, and --follow is off unless you set it:

  # a comment
  00 A4 04 00 0E 32 50 41 59 2E 53 59 53 2E 44 44 46 30 31 00
  < [any 80] 90 00
  reset

A line that begins with < is the answer that the command before it must get, as docs/trace-format.md
writes answers. A trace is such a script, too, unless bytes of its commands weren't kept.

send exits with 0 whatever the card answers, and with 4 if an answer isn't the one that the script
wants.`,
		Example: `  tapbench card send 00A4040007A000000004101000
  tapbench card send 00 84 00 00 08
  tapbench card send -f tap.apdu --json
  echo 80CA9F7F00 | tapbench card send -`,
	}
	o.reader = device.AddReader(a, cmd)
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "`file` with the commands, - for standard input")
	f.BoolVar(&o.follow, "follow", true, "follow 61xx and 6Cxx (default in a script: false)")
	f.BoolVar(&o.bytes, "bytes", false, "show all bytes beside what they mean")
	_ = cmd.MarkFlagFilename("file")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 && args[0] == "-" && o.file == "" {
			o.file, args = "-", nil
		}
		if o.file != "" && !cmd.Flags().Changed("follow") {
			o.follow = false
		}
		return send(cmd.Context(), a, o, args)
	}
	return cmd
}

func send(ctx context.Context, a *shell.App, o sendOptions, args []string) (err error) {
	script, err := toSend(a, o, args)
	if err != nil {
		return err
	}
	card, err := o.reader.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	s := &sender{App: a, card: card, follow: o.follow, dialogue: show.Live()}
	if !a.JSON {
		s.text = show.NewText(a.Out, show.Options{Colour: a.Styled, Bytes: o.bytes, Width: a.Width()})
	}
	for _, step := range script {
		if err := s.step(ctx, step); err != nil {
			return err
		}
	}
	if s.differ > 0 {
		return shell.ErrDiffers // each was reported
	}
	return nil
}

// toSend reads the commands, from the command line or from a script.
func toSend(a *shell.App, o sendOptions, args []string) ([]sendStep, error) {
	switch {
	case o.file != "" && len(args) > 0:
		return nil, shell.Usagef("name commands or a script, not both")
	case o.file == "" && len(args) == 0:
		return nil, shell.Usagef("name the commands to send, or - for a script")
	case o.file == "":
		steps, err := sendArguments(args)
		if err != nil {
			return nil, shell.Usage(err)
		}
		return steps, nil
	}
	in, err := device.OpenTrace(a, o.file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	steps, err := readSendScript(in)
	if err != nil {
		return nil, device.TraceError(o.file, err)
	}
	return steps, nil
}

// sender sends commands and shows them.
type sender struct {
	*shell.App
	card     pcsc.Card
	follow   bool
	dialogue *show.Dialogue
	text     *show.Text // nil for JSON
	differ   int        // how many answers weren't the wanted ones
}

// step carries out one step of a script.
func (s *sender) step(ctx context.Context, step sendStep) error {
	if step.reset {
		err := s.card.Reset(ctx)
		if err == nil {
			err = s.show(trace.Step{Line: step.line, Kind: trace.Reset})
		}
		return err
	}
	answer, err := s.send(ctx, step.line, step.command)
	if err != nil {
		return err
	}
	if step.want == nil {
		return nil
	}
	if at := step.want.Match(answer); at >= 0 {
		s.differ++
		s.Say("tapbench: line %d: the answer isn't the one that the script wants, from byte %d on",
			step.wantLine, at+1)
	}
	return nil
}

// maxFollow bounds how many APDUs one command may become.
const maxFollow = 257

// send sends a command, follows it up, and returns the last answer.
func (s *sender) send(ctx context.Context, line int, command []byte) ([]byte, error) {
	for range maxFollow {
		begin := time.Now()
		answer, err := s.card.Transmit(ctx, command)
		if err != nil {
			return nil, err
		}
		took := max(time.Since(begin).Truncate(time.Microsecond), time.Microsecond)
		err = s.show(trace.Step{
			Line: line, Kind: trace.Exchange, Took: took,
			Command: trace.Literal(command), Answer: trace.Literal(answer),
		})
		next, more := followUp(command, answer)
		if err != nil || !more || !s.follow {
			return answer, err
		}
		command = next
	}
	return nil, &pcsc.Error{Op: "following an answer", Err: pcsc.ErrBadAnswer}
}

// followUp returns the command that 61xx or 6Cxx asks for (ISO/IEC 7816-4:2005, 5.1.3).
func followUp(command, answer []byte) (next []byte, more bool) {
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		return nil, false
	}
	c, err := apdu.ParseCommand(command)
	if ne, waiting := response.SW.Waiting(); waiting {
		c = apdu.Command{
			CLA: byte(apdu.Class(command[0]).ForGetResponse()), INS: apdu.InsGetResponse, Ne: ne,
		}
	} else if ne, exact := response.SW.CorrectNe(); exact && err == nil && c.Ne != ne {
		c.Ne = ne
	} else {
		return nil, false
	}
	next, err = c.Encode()
	return next, err == nil
}

// show writes what happened.
func (s *sender) show(step trace.Step) error {
	item := s.dialogue.Item(step)
	if s.text == nil {
		return show.WriteJSON(s.Out, item)
	}
	s.text.Item(item)
	return s.text.Err()
}
