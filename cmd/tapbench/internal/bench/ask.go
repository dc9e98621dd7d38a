package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/pcscd"
	"tapbench/tpm"
)

// ErrSilent means that a part of a test bed was started, or is there, and doesn't answer. The error
// says which part.
var ErrSilent = errors.New("doesn't answer")

// askLimit bounds the questions to all parts of a bed. A card is seen half a second after it was
// laid on a virtual reader, everything else answers in milliseconds.
const askLimit = 20 * time.Second

// Question says which parts of a test bed are asked for an answer.
type Question struct {
	Socket  string   // of the PC/SC service; empty: the one that this process uses anyway
	Readers []string // readers that the service must list, by their full names; none: isn't asked
	Card    string   // reader whose card must answer a SELECT; empty: no card is asked
	TPM     string   // place of the TPM, as tpm.Open takes it; empty: no TPM is asked
}

// Ask asks every part in question and returns when all of them have answered, in twenty seconds at
// most. The card is reset afterwards, the TPM left as it was.
//
// libpcsclite knows one service in a process's life, so that a process can ask the readers of one
// bed only. A build without cgo asks no reader: what started the bed has seen pcscd answer.
//
// Errors wrap [ErrSilent] or the context's, with what the part said, such as pcsc.ErrNoCard.
func Ask(ctx context.Context, q Question) error {
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if q.TPM != "" {
		if err := askTPM(limited, q.TPM); err != nil {
			return silent(ctx, "the TPM at "+q.TPM, err)
		}
	}
	if len(q.Readers) == 0 && q.Card == "" {
		return nil
	}
	client, err := open(limited, q.Socket)
	switch {
	case err == nil:
	case errors.Is(err, pcsc.ErrNotSupported) && !withCgo:
		return nil
	default:
		return silent(ctx, "the PC/SC service", err)
	}
	defer func() { _ = client.Close() }()
	if err := askReaders(limited, client, q.Readers); err != nil {
		return err
	}
	if q.Card == "" {
		return nil
	}
	if err := askCard(limited, client, q.Card); err != nil {
		return silent(ctx, "the card on "+q.Card, err)
	}
	return nil
}

// silent names the part that didn't answer. An end of the caller's own context is no part's fault.
func silent(ctx context.Context, part string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("asking %s: %w", part, ctx.Err())
	}
	return fmt.Errorf("%s %w: %w", part, ErrSilent, err)
}

func askTPM(ctx context.Context, where string) error {
	device, err := tpm.Open(ctx, where) // which asks for its properties
	if err != nil {
		return err
	}
	return device.Close()
}

// open connects to the service. The library can't be interrupted while it does, so that a service
// that takes the connection and then says nothing is left alone with it.
func open(ctx context.Context, socket string) (*pcscd.Client, error) {
	type outcome struct {
		client *pcscd.Client
		err    error
	}
	opened := make(chan outcome, 1)
	go func() {
		client, err := pcscd.Open(ctx, pcscd.Options{Socket: socket})
		opened <- outcome{client, err}
	}()
	select {
	case o := <-opened:
		return o.client, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", pcsc.ErrNoService, ctx.Err())
	}
}

// askReaders makes sure that the service lists the readers.
func askReaders(ctx context.Context, client *pcscd.Client, names []string) error {
	readers, err := client.Readers(ctx)
	if err != nil {
		return silent(ctx, "the PC/SC service", err)
	}
	for _, name := range names {
		named := func(r pcscd.Reader) bool { return r.Name == name }
		if !slices.ContainsFunc(readers, named) {
			return silent(ctx, "the reader "+name, pcsc.ErrNoReader)
		}
	}
	return nil
}

// askCard selects our payment application. Every status word is an answer.
func askCard(ctx context.Context, client *pcscd.Client, reader string) error {
	if _, err := client.WaitCard(ctx, reader); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("%w: %w", pcsc.ErrNoCard, err)
		}
		return err
	}
	// A card that was connected to exclusively is reset at the end.
	card, err := client.Connect(ctx, reader, pcscd.ConnectOptions{Exclusive: true})
	if err != nil {
		return err
	}
	session := pcsc.NewSession(card)
	_, err = session.Exchange(ctx, apdu.Command{
		CLA: byte(wire.CLAInterindustry), INS: byte(wire.InsSelect), P1: wire.P1SelectByAID,
		Data: []byte(wire.AIDPayment), Ne: apdu.MaxShortNe,
	})
	if refused := new(apdu.StatusError); errors.As(err, &refused) {
		err = nil
	}
	return errors.Join(err, session.Close())
}
