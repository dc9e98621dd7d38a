package wallet_test

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/wallet"
)

// over is a phone whose account's last epoch and grace are over, with a payment of 12.50 out of a
// limit of 50.00, and what the TSM would send to the bank.
type over struct {
	*shop
	paid    acquirer.AuthorisationRequest
	spare   acquirer.AuthorisationRequest // a tap that nobody has authorised
	request api.ReturnRequest
}

func newOver(t *testing.T) *over {
	t.Helper()
	return overOf(t, newShop(t))
}

func overOf(t *testing.T, shop *shop) *over {
	t.Helper()
	o := &over{shop: shop}
	o.paid = o.tap(t, money.Must("EUR:12.50"))
	o.authorise(t, o.paid, acquirer.CodeApproved)
	o.spare = o.tap(t, money.Must("EUR:1.00"))
	last := message.Epoch(o.wallet.State().TIDs[0].Expiry)
	at := settlement.ReturnsAt(last)
	o.Now = func() time.Time { return at }
	return o
}

// hold has the next batch not reach the bank, and keeps it.
func (o *over) hold(t *testing.T) {
	t.Helper()
	o.Link.Change = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathReturn {
			return raw, nil
		}
		return nil, errors.Join(errors.New("lost"), json.Unmarshal(raw, &o.request))
	}
	batches, err := o.TSM.Return(t.Context())
	o.Link.Change = nil
	if err != nil || len(batches) != 1 || batches[0].Err == nil || o.request.Batch == nil {
		t.Fatalf("got %+v, %v", batches, err)
	}
}

// unspent is what is left of the account.
const unspent = 5000 - 1250

func (o *over) back(t *testing.T, returned bool) {
	t.Helper()
	left, escrow := int64(0), int64(5000)
	if returned {
		left, escrow = unspent, 1250
	}
	wantBalance(t, o.BankDB, "customer/alice", 15000+left)
	wantBalance(t, o.BankDB, ledger.AccountID("escrow/"+o.TSM.ID.String()), escrow)
	wantBalance(t, o.TSMDB, ledger.AccountID("escrow/"+o.Bank.ID.String()), escrow)
	for _, db := range []store.Store{o.BankDB, o.TSMDB} {
		check(t, db.View(t.Context(), func(tx store.Tx) error {
			return ledger.Audit(t.Context(), tx)
		}))
	}
}

// TestReturn: nothing goes back before its time; then all of it, once, whoever is ended when.
func TestReturn(t *testing.T) { onBothStores(t, testReturn) }

func testReturn(t *testing.T, shop *shop) {
	o := overOf(t, shop)
	at := o.Now()
	o.Now = func() time.Time { return at.Add(-time.Second) }
	batches, err := o.TSM.Return(t.Context())
	if err != nil || len(batches) > 0 {
		t.Errorf("a second early: got %+v, %v", batches, err)
	}
	o.Now = func() time.Time { return at }
	o.hold(t) // the request is lost
	o.RestartTSM(t)
	o.back(t, false)
	first := bytes.Clone(o.request.Batch)
	o.Link.Answer = func(string, []byte) ([]byte, error) { return nil, errors.New("lost") }
	if batches, err = o.TSM.Return(t.Context()); err != nil || batches[0].Err == nil {
		t.Errorf("the receipt is lost: got %+v, %v", batches, err)
	}
	o.Link.Answer = nil
	o.RestartTSM(t)
	o.RestartBank(t)
	o.Link.Change = func(_ string, raw []byte) ([]byte, error) {
		return raw, json.Unmarshal(raw, &o.request)
	}
	batches, err = o.TSM.Return(t.Context())
	o.Link.Change = nil
	want := []tsm.Batch{{
		Bank: o.Bank.ID, Epoch: message.Epoch(o.wallet.State().TIDs[0].Expiry), Count: 1,
		Total: money.Must("EUR:37.50"),
	}}
	if diff := cmp.Diff(want, batches, cmp.AllowUnexported(money.Amount{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if !bytes.Equal(first, o.request.Batch) {
		t.Error("another batch was sent")
	}
	o.back(t, true)
	if batches, err = o.TSM.Return(t.Context()); err != nil || len(batches) > 0 {
		t.Errorf("again: got %+v, %v", batches, err)
	}
}

// TestOverAccount: an account that is over pays nothing, and takes late reversals until it goes
// back.
func TestOverAccount(t *testing.T) {
	o := newOver(t)
	o.authorise(t, o.spare, acquirer.CodeExpiredCard)
	o.hold(t)
	reversal := acquirer.ReversalRequest{Key: o.key(), Original: o.paid.Key, Amount: o.paid.Amount}
	answer, err := o.TSM.Reverse(t.Context(), reversal)
	if err != nil || answer.Code != acquirer.CodeExpiredCard {
		t.Errorf("a reversal while it goes back: got %v, %v", answer, err)
	}
	o.back(t, false)
	late := newOver(t)
	reversal = acquirer.ReversalRequest{
		Key: late.key(), Original: late.paid.Key, Amount: late.paid.Amount,
	}
	answer, err = late.TSM.Reverse(t.Context(), reversal)
	if err != nil || answer.Code != acquirer.CodeApproved {
		t.Errorf("a reversal before: got %v, %v", answer, err)
	}
	if _, err := late.TSM.Return(t.Context()); err != nil {
		t.Error(err)
	}
	wantBalance(t, late.BankDB, "customer/alice", 20000)
}

// TestClosedCards: the cards of an account that was given up are declined.
func TestClosedCards(t *testing.T) {
	s := newShop(t)
	q := s.tap(t, money.Must("EUR:1.00"))
	if err := s.wallet.CloseTID(t.Context(), s.TSMServer(), ""); !errors.Is(err, wallet.ErrArmed) {
		t.Errorf("armed: got %v", err)
	}
	check(t, s.wallet.Disarm(t.Context()))
	check(t, s.wallet.CloseTID(t.Context(), s.TSMServer(), ""))
	s.authorise(t, q, acquirer.CodeDoNotHonour)
}

// TestReturnRefuses: whatever is wrong with a batch, nothing of it is carried out.
func TestReturnRefuses(t *testing.T) {
	o := newOver(t)
	o.hold(t)
	genuine, err := message.Decode[message.Return](wire.SigReturn, o.request.Batch)
	check(t, err)
	rest, err := message.ParseRemainders(o.request.Remainders)
	check(t, err)
	unknown := message.Remainder{Handle: rest[0].Handle, Limit: 1}
	unknown.Handle[0] ^= 1
	both := []message.Remainder{rest[0], unknown}
	slices.SortFunc(both, func(a, b message.Remainder) int {
		return bytes.Compare(a.Handle[:], b.Handle[:])
	})
	of := func(rest ...message.Remainder) api.ReturnRequest {
		m := message.NewReturn(o.TSM.ID, o.Bank.ID, genuine.Epoch, rest, 0)
		return o.sign(t, o.TSM.SignKey, m, rest)
	}
	change := func(f func(*message.Return)) api.ReturnRequest {
		m := genuine
		f(&m)
		return o.sign(t, o.TSM.SignKey, m, rest)
	}
	more, most := rest[0], rest[0]
	more.Limit, most.Limit = 5001, 1<<62
	flipped := o.request
	flipped.Batch = flips(o.request.Batch)["last bit flipped"]
	otherRest := o.request
	otherRest.Remainders = flips(o.request.Remainders)["last bit flipped"]
	rows := map[string]struct {
		request api.ReturnRequest
		want    api.Code
	}{
		"signed by the bank":             {o.sign(t, o.Bank.SignKey, genuine, rest), api.CodeSignature},
		"signature":                      {flipped, api.CodeSignature},
		"batch cut off":                  {api.ReturnRequest{Batch: o.request.Batch[1:]}, api.CodeMalformed},
		"other remainders":               {otherRest, api.CodeMismatch},
		"remainders cut off":             {cut(o.request), api.CodeMalformed},
		"a handle twice":                 {of(rest[0], rest[0]), api.CodeMalformed},
		"handles that descend":           {of(both[1], both[0]), api.CodeMalformed},
		"remainders nobody can count":    {of(message.Remainder{Limit: 1 << 63}), api.CodeMalformed},
		"another bank":                   {change(func(m *message.Return) { m.Bank[0]++ }), api.CodeMismatch},
		"another TSM":                    {change(func(m *message.Return) { m.TSM[0]++ }), api.CodeMismatch},
		"another count":                  {change(func(m *message.Return) { m.Count++ }), api.CodeMismatch},
		"an epoch that isn't over":       {change(func(m *message.Return) { m.Epoch++ }), api.CodeState},
		"another epoch":                  {change(func(m *message.Return) { m.Epoch-- }), api.CodeUnknown},
		"a handle that nobody gave out":  {of(both...), api.CodeUnknown},
		"a handle instead of another":    {of(unknown), api.CodeUnknown},
		"no handle":                      {of(), api.CodeMismatch},
		"more than was moved":            {of(more), api.CodeLimit},
		"a remainder of all that exists": {of(most), api.CodeLimit},
	}
	before := o.Snapshot(t)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		_, err := o.Bank.Return(t.Context(), o.TSM.ID, rows[name].request)
		if !errors.Is(err, problem(rows[name].want)) {
			t.Errorf("%s: got %v, want %s", name, err, rows[name].want)
		}
	}
	if _, err := o.Bank.Return(t.Context(), o.Bank.ID, o.request); !errors.Is(err,
		problem(api.CodeForbidden)) {
		t.Errorf("from a stranger: got %v", err)
	}
	if diff := cmp.Diff(before, o.Snapshot(t)); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
	first, err := o.Bank.Return(t.Context(), o.TSM.ID, o.request)
	check(t, err)
	again, err := o.Bank.Return(t.Context(), o.TSM.ID, of(rest...)) // under another signature
	if err != nil || !bytes.Equal(first.Receipt, again.Receipt) {
		t.Errorf("again: %v, or another receipt", err)
	}
	less := message.Remainder{Handle: rest[0].Handle, Limit: 1}
	if _, err := o.Bank.Return(t.Context(), o.TSM.ID, of(less)); !errors.Is(err,
		problem(api.CodeMismatch)) {
		t.Errorf("the epoch again, with other remainders: got %v", err)
	}
	wantBalance(t, o.BankDB, "customer/alice", 15000+unspent)
}

// sign makes the request of a batch.
func (o *over) sign(
	t *testing.T, key *ecdsa.PrivateKey, m message.Return, rest []message.Remainder,
) api.ReturnRequest {
	t.Helper()
	var err error
	m.Signature, err = message.Sign(key, m.Digest())
	check(t, err)
	return api.ReturnRequest{
		Batch: message.Encode(wire.SigReturn, m), Remainders: message.EncodeRemainders(rest),
	}
}

func cut(q api.ReturnRequest) api.ReturnRequest {
	q.Remainders = q.Remainders[1:]
	return q
}

// TestReceiptRefuses: nothing leaves the TSM's books on a receipt that isn't the bank's for this
// batch.
func TestReceiptRefuses(t *testing.T) {
	o := newOver(t)
	o.hold(t)
	genuine, err := o.Bank.Return(t.Context(), o.TSM.ID, o.request)
	check(t, err)
	receipt, err := message.Decode[message.Returned](wire.SigReturned, genuine.Receipt)
	check(t, err)
	signed := func(key *ecdsa.PrivateKey, f func(*message.Returned)) []byte {
		m := receipt
		f(&m)
		m.Signature, err = message.Sign(key, m.Digest())
		check(t, err)
		return message.Encode(wire.SigReturned, m)
	}
	rows := map[string][]byte{
		"signed by the TSM": signed(o.TSM.SignKey, func(*message.Returned) {}),
		"another batch":     signed(o.Bank.SignKey, func(m *message.Returned) { m.Return[0]++ }),
		"another total":     signed(o.Bank.SignKey, func(m *message.Returned) { m.Total-- }),
		"none":              nil,
	}
	maps.Copy(rows, flips(genuine.Receipt))
	maps.Copy(rows, lengths(genuine.Receipt))
	before := o.Snapshot(t)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		o.Link.Answer = func(string, []byte) ([]byte, error) {
			return json.Marshal(api.ReturnResponse{Receipt: rows[name]})
		}
		batches, err := o.TSM.Return(t.Context())
		if err != nil || len(batches) != 1 || batches[0].Err == nil {
			t.Errorf("%s: got %+v, %v", name, batches, err)
		}
	}
	if diff := cmp.Diff(before, o.Snapshot(t)); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
	o.Link.Answer = nil
	batches, err := o.TSM.Return(t.Context())
	if err != nil || len(batches) != 1 || batches[0].Err != nil {
		t.Errorf("the genuine one: got %+v, %v", batches, err)
	}
	o.back(t, true)
}
