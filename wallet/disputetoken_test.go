package wallet_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/store"
)

// purse is a token that the TSM has issued, with its key outside of any element: what a broken one
// comes to.
type purse struct {
	key   *ecdsa.PrivateKey
	token message.Token
}

// brokenToken withdraws a token of 250 x 0.05 for the wallet's account, whose keys got out.
func (s *shop) brokenToken(t *testing.T) purse {
	t.Helper()
	var sign, kem, up, down []byte
	var next uint32
	run := s.wallet.State().TIDs[0].Run
	check(t, s.TSMDB.View(t.Context(), func(tx store.Tx) error {
		return tx.QueryRowContext(t.Context(),
			`SELECT sign, kem, to_tsm, to_se, next FROM runs WHERE run = $1`, run).
			Scan(&sign, &kem, &up, &down, &next)
	}))
	raw, err := s.Keys.PrivateKey()
	check(t, err)
	p := purse{key: keyOf(t, raw)}
	public, err := message.NewPublicKey(&p.key.PublicKey)
	check(t, err)
	chain, err := token.NewChain(raw[:], token.Seed{1}, public, wire.TokenUnits)
	check(t, err)
	key := message.TokenKey{
		TSM: s.TSM.ID, Key: public, Root: chain.Root(), Unit: 5,
		TID: message.NewTID(message.PublicKey(sign), message.PublicKey(kem)),
	}
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, s.TSM.ID)
	body := message.TokenRequest{Key: key.Key, Root: key.Root, Unit: key.Unit}
	body.Roll, err = message.Sign(s.Keys.Sign(t, message.PublicKey(sign)),
		key.Digest(wire.MsgTokenRoll, th))
	check(t, err)
	body.Pop, err = message.Sign(p.key, key.Digest(wire.MsgTokenPop, th))
	check(t, err)
	toTSM, err := message.NewKeys(up)
	check(t, err)
	request := toTSM.SealCounted(next, th[:], message.Encode(wire.MsgTokenRequest, body))
	answer, err := s.TSM.Token(t.Context(), api.TokenRequest{Run: run, Request: request})
	check(t, err)
	toSE, err := message.NewKeys(down)
	check(t, err)
	th = th.Next(request)
	_, plain, err := toSE.OpenCounted(0, th[:], answer.Token)
	check(t, err)
	put, err := message.Decode[message.TokenPut](wire.MsgTokenPut, plain)
	check(t, err)
	p.token = put.Token
	return p
}

// keyOf is a private key as a signing key.
func keyOf(t *testing.T, raw [32]byte) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw[:])
	check(t, err)
	return key
}

// spend pays the units from+1 to to of the token to a merchant.
func (p purse) spend(t *testing.T, from, to uint8, merchant string) doublespend.Spend {
	t.Helper()
	amount, err := emv.N12(uint64(to-from) * uint64(p.token.Fields.Unit))
	check(t, err)
	s := doublespend.Spend{Spend: message.Spend{
		Token: p.token.ID(), From: from, To: to, Amount: amount,
		Currency: p.token.Fields.Policy.Currency,
		Time:     uint32(p.token.Fields.Epoch.End().Unix()) - 1,
	}}
	copy(s.Merchant[:], merchant)
	s.Signature, err = message.Sign(p.key, s.Digest())
	check(t, err)
	return s
}

// openSubject has TSM and bank open what is disputed.
func (s *shop) openSubject(t *testing.T, subject dispute.Subject) (dispute.Outcome, error) {
	t.Helper()
	outcome := dispute.Outcome{Subject: subject}
	first, err := s.TSM.OpenPayment(t.Context(), judgeID,
		api.OpenPaymentRequest{Payment: subject.Encode()})
	if err != nil {
		return outcome, err
	}
	second, err := s.Bank.OpenFunding(t.Context(), judgeID,
		api.OpenFundingRequest{Head: first.Head, Signature: first.Signature})
	check(t, err)
	outcome.TSM, err = dispute.ParseTSMOpening(first)
	check(t, err)
	outcome.Bank, err = dispute.ParseBankOpening(second)
	check(t, err)
	return outcome, nil
}

func TestDisputeNamesWhoSpentTwice(t *testing.T) { onBothStores(t, testDisputeNamesWhoSpentTwice) }

func testDisputeNamesWhoSpentTwice(t *testing.T, s *shop) {
	p := s.brokenToken(t)
	a, b := p.spend(t, 0, 5, "CAFE"), p.spend(t, 4, 9, "KIOSK")
	twice := dispute.DoubleSpend{Evidence: doublespend.New(p.token, a, b)}
	for name, subject := range map[string]dispute.Subject{
		"one payment": dispute.OfflinePayment{Token: p.token, Taken: a}, "spent twice": twice,
	} {
		outcome, err := s.openSubject(t, subject)
		check(t, err)
		verdict, err := outcome.Verify(s.TSM.CAKey)
		check(t, err)
		if verdict.User != message.NewUserID("alice") || verdict.Subject != subject.Sum() {
			t.Errorf("%s: %+v", name, verdict)
		}
	}

	// What names nobody.
	retry := dispute.DoubleSpend{Evidence: doublespend.New(p.token, a, p.spend(t, 0, 5, "CAFE"))}
	_, err := s.openSubject(t, retry)
	wantCode(t, "a retry", err, api.CodeSignature)
	own := p
	own.token.Fields.Root[0]++
	own.token.Signature, err = message.Sign(s.TSM.SignKey, own.token.ID())
	check(t, err)
	_, err = s.openSubject(t, dispute.OfflinePayment{
		Token: own.token, Taken: own.spend(t, 0, 5, "CAFE"),
	})
	wantCode(t, "a token that was never asked for", err, api.CodeUnknown)
}
