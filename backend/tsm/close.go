package tsm

import (
	"context"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/store"
)

// Close gives an account up on its element's word. Its cards are declined from then on; what is
// left goes back with all others of its epoch, so that the bank doesn't see the closing. Said
// again, it changes nothing.
func (t *TSM) Close(ctx context.Context, q api.TIDCloseRequest) (api.TIDCloseResponse, error) {
	if len(q.Run) != wire.NonceLen {
		return api.TIDCloseResponse{}, api.Refuse(api.CodeMalformed, "run of %d bytes", len(q.Run))
	}
	err := t.DB.Tx(ctx, func(tx store.Tx) error {
		r, err := getRun(ctx, tx, message.Nonce(q.Run), StateActive, StateClosed, StateFrozen,
			StateReturning, StateReturned)
		if err != nil {
			return err
		}
		if err := t.openClose(&r, q.Message); err != nil || r.state != StateActive {
			return err
		}
		if err := r.move(StateClosed); err != nil {
			return err
		}
		return saveRun(ctx, tx, r)
	})
	return api.TIDCloseResponse{}, err
}

// openClose opens tid-close and checks its signature.
func (t *TSM) openClose(r *run, sealed []byte) error {
	th := t.transcript(3)
	next := r.next
	if r.state != StateActive {
		next = 0 // the same message again, or a later one: there is nothing left to change
	}
	counter, body, err := r.toTSM.OpenCounted(next, th[:], sealed)
	if err != nil {
		return refused("tid-close", err)
	}
	m, err := message.Decode[message.TIDClose](wire.MsgTIDClose, body)
	if err != nil {
		return refused("tid-close", err)
	}
	if err := message.Verify(r.sign, m.Digest(th, t.ID, r.tid), m.Signature); err != nil {
		return refused("tid-close", err)
	}
	r.next = max(r.next, counter+1)
	return nil
}
