package moneytest

import (
	"context"
	"encoding/json"
	"fmt"

	"tapbench/backend/api"
)

// tsmLine is a merchant's line to where claims are paid.
func (w *World) tsmLine() line { return line{w} }

type line struct{ *World }

// Post carries a request over as JSON, as the network would.
func (l line) Post(ctx context.Context, path string, request, answer any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return err
	}
	change, lose := l.fault.lines("terminals' line")
	if raw, err = change(path, raw); err != nil {
		return err
	}
	if path != api.PathPayout {
		return fmt.Errorf("no path %s", path)
	}
	var q api.PayoutRequest
	if err := json.Unmarshal(raw, &q); err != nil {
		return err
	}
	got, err := l.payout(ctx, q)
	if err != nil {
		return err
	}
	if raw, err = json.Marshal(got); err != nil {
		return err
	}
	if raw, err = lose(path, raw); err != nil {
		return err
	}
	return json.Unmarshal(raw, answer)
}

// payout asks the TSM, past everything that is on the way.
func (w *World) payout(ctx context.Context, q api.PayoutRequest) (api.PayoutResponse, error) {
	w.sent = append(w.sent, q)
	got, err := w.face.TSM.Payout(ctx, q)
	if err == nil {
		err = w.bugs.afterPayout(ctx, w, q, got)
	}
	return got, err
}
