package wallet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/wallet/plan"
)

// What a wallet refuses of tokens by itself.
var (
	// ErrNoEpochs means that the wallet holds no certificate of the current epoch, which an element
	// needs before it takes tokens. Run "tapbench pki epoch".
	ErrNoEpochs = errors.New("no certificate of the current epoch")
	// ErrNoToken means that the slot holds no token that this can be done with.
	ErrNoToken = errors.New("no such token in this slot")
)

// IssuedToken is an offline token that the account has paid.
type IssuedToken struct {
	Slot    byte   `json:"slot"`
	Account byte   `json:"tsm_account_slot"`
	Unit    uint8  `json:"unit_minor"`
	Length  uint8  `json:"length"`
	Epoch   uint32 `json:"last_epoch"`
	// Left is how many units were left when it was last looked at.
	Left uint8 `json:"left"`
	// Use says what of the token's payments is kept.
	Use noteUse `json:"kept,omitzero"`
}

func (t IssuedToken) worth(units uint8) uint64 { return uint64(t.Unit) * uint64(units) }

// UseTokens says how many offline tokens of each class the wallet keeps ready from now on; 0: none.
func (w *Wallet) UseTokens(stock int) error {
	if w.state.Books.Stock == stock {
		return nil
	}
	w.state.Books.Stock = stock
	return w.config.Folder.Save(w.state)
}

// RefillTokens withdraws offline tokens until as many of each class are ready as the wallet keeps
// ([Wallet.UseTokens]), and returns how many are ready then. A withdrawal that was broken off goes
// on first. It withdraws no more than half of an account's limit in all, so that the account can
// pay online too: classes that would go beyond that are left out, the largest first.
func (w *Wallet) RefillTokens(ctx context.Context, tsm Caller) (int, error) {
	if w.state.Books.Stock == 0 {
		return 0, nil
	}
	paying, ok := w.outlook(applet.Status{}).Paying(0)
	if !ok {
		return 0, w.noAccount()
	}
	if err := w.enter(ctx); err != nil {
		return 0, err
	}
	offers, err := w.offers(ctx, tsm)
	if err != nil || len(offers) == 0 {
		return 0, err
	}
	if err := w.putEpochs(ctx, paying.Slot); err != nil {
		return 0, err
	}
	if err := w.keepPayments(ctx); err != nil {
		return 0, err
	}
	if err := w.resumeTokens(ctx, tsm); err != nil {
		return 0, err
	}
	outlook, err := w.look(ctx)
	if err != nil {
		return 0, err
	}
	for _, offer := range offers {
		if outlook, err = w.withdrawClass(ctx, tsm, outlook, paying.Slot, offer); err != nil {
			return 0, fmt.Errorf("withdrawing a token of %d x %d: %w", offer.Length, offer.Unit, err)
		}
	}
	total := 0
	for _, n := range outlook.ReadyTokens() {
		total += n
	}
	return total, nil
}

// withdrawClass withdraws what is missing of a class, as far as slots and account reach.
func (w *Wallet) withdrawClass(
	ctx context.Context, tsm Caller, o plan.Outlook, paying byte, offer api.TokenOffer,
) (plan.Outlook, error) {
	for n := o.ReadyTokens()[offer.Unit]; n < w.state.Books.Stock; n++ {
		slot, free := freeToken(o)
		account, _ := w.state.tid(paying)
		if !free || !w.covers(account, offer) {
			break
		}
		if err := w.withdraw(ctx, tsm, slot, account, offer); err != nil {
			return o, err
		}
		var err error
		if o, err = w.look(ctx); err != nil {
			return o, err
		}
	}
	return o, nil
}

// offers returns the classes that the TSM has published, the smallest first, and writes them down.
func (w *Wallet) offers(ctx context.Context, tsm Caller) ([]api.TokenOffer, error) {
	var info api.Info
	if err := tsm.Post(ctx, api.PathInfo, struct{}{}, &info); err != nil {
		return nil, err
	}
	offers := slices.SortedFunc(slices.Values(info.Tokens), func(a, b api.TokenOffer) int {
		return cmp.Compare(a.Unit, b.Unit)
	})
	for _, o := range offers {
		if o.Length == 0 || o.Length > wire.TokenUnits {
			return nil, fmt.Errorf("%w: it offers tokens of %d units", ErrServer, o.Length)
		}
	}
	var grace uint8
	if info.TokenRules != nil {
		grace = info.TokenRules.Grace
	}
	books := &w.state.Books
	if slices.Equal(offers, books.Offers) && books.Grace == grace {
		return offers, nil
	}
	books.Offers, books.Grace = offers, grace
	return offers, w.config.Folder.Save(w.state)
}

// covered returns the classes that the account covers that pays now, or of which tokens are there.
func (w *Wallet) covered(o plan.Outlook) (classes []uint8) {
	ready := o.ReadyTokens()
	paying, _ := o.Paying(0)
	account, ok := w.state.tid(paying.Slot)
	for _, offer := range w.state.Books.Offers {
		if ready[offer.Unit] > 0 || ok && w.covers(account, offer) {
			classes = append(classes, offer.Unit)
		}
	}
	return classes
}

// covers says whether an account can pay a token, and keep half of its limit for payments online.
func (w *Wallet) covers(a TSMAccount, offer api.TokenOffer) bool {
	price := uint64(offer.Unit) * uint64(offer.Length)
	held := price
	for _, t := range w.state.Books.Tokens {
		if t.Account == a.Slot {
			held += t.worth(t.Left)
		}
	}
	return held <= a.Limit/2 && a.Spent+price <= a.Limit
}

// freeToken returns a slot for a new token: one that was never used, else one that has nothing left
// to give. What is left of a closed or an expired one comes back without it.
func freeToken(o plan.Outlook) (slot byte, ok bool) {
	order := []func(plan.Token) bool{
		func(t plan.Token) bool { return t.State == wire.TokenEmpty },
		func(t plan.Token) bool { return t.State == wire.TokenClosed },
		func(t plan.Token) bool { return t.State == wire.TokenUsed && t.Left == 0 },
		func(t plan.Token) bool { return t.State >= wire.TokenReady && t.Epoch < o.Epoch() },
	}
	if o.Arm != wire.ArmNone {
		order = order[:1]
	}
	for _, fits := range order {
		if i := slices.IndexFunc(o.Tokens, fits); i >= 0 {
			return byte(i), true
		}
	}
	return 0, false
}

// putEpochs leads the element's account on to the current epoch: one certificate after the other,
// because the element takes no more than one epoch at a time.
func (w *Wallet) putEpochs(ctx context.Context, account byte) error {
	if w.config.Epochs == nil {
		return ErrNoEpochs
	}
	certificates, err := w.config.Epochs()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoEpochs, err)
	}
	a, _ := w.state.tid(account)
	for i, c := range certificates {
		if last := i == len(certificates)-1; uint32(c.Epoch) <= a.Epoch || a.Epoch == 0 && !last {
			continue
		}
		if err := w.config.SE.PutEpoch(ctx, account, c); err != nil {
			return err
		}
		w.step("epoch", "CA", "SE", wire.SignatureLen)
		a.Epoch = uint32(c.Epoch)
		w.state.putTID(a)
		if err := w.config.Folder.Save(w.state); err != nil {
			return err
		}
	}
	return nil
}

// resumeTokens brings withdrawals to their end that were broken off.
func (w *Wallet) resumeTokens(ctx context.Context, tsm Caller) error {
	tokens, err := w.config.SE.Tokens(ctx)
	if err != nil {
		return err
	}
	for i, t := range tokens {
		account, ok := w.state.tid(t.TID)
		if !ok || !account.Active || t.State == wire.TokenEmpty || t.State > wire.TokenRequested {
			continue
		}
		err := w.finishToken(ctx, tsm, byte(i), account, t)
		if err != nil && !refused(err) { // one that the TSM refuses makes room for another
			return fmt.Errorf("going on with a withdrawal: %w", err)
		}
	}
	return nil
}

// withdraw gets one token into a slot.
func (w *Wallet) withdraw(
	ctx context.Context, tsm Caller, slot byte, a TSMAccount, offer api.TokenOffer,
) error {
	if err := w.config.SE.NewToken(ctx, slot, a.Slot, offer.Unit, offer.Length); err != nil {
		return err
	}
	return w.finishToken(ctx, tsm, slot, a, applet.TokenStatus{
		State: wire.TokenBuilding, TID: a.Slot, Unit: offer.Unit, Length: offer.Length,
	})
}

// finishToken takes a slot from where it is to a token that is ready.
func (w *Wallet) finishToken(
	ctx context.Context, tsm Caller, slot byte, a TSMAccount, t applet.TokenStatus,
) error {
	if t.State == wire.TokenBuilding {
		if err := w.buildChain(ctx, slot); err != nil {
			return err
		}
	}
	request, err := w.config.SE.TokenRequest(ctx, slot)
	if err != nil {
		return err
	}
	w.step("token-req", "SE", "TSM", len(request))
	var answer api.TokenResponse
	err = tsm.Post(ctx, api.PathToken, api.TokenRequest{Run: a.Run, Request: request}, &answer)
	if err != nil {
		return err
	}
	if err := w.config.SE.PutToken(ctx, slot, answer.Token); err != nil {
		return err
	}
	w.step("token", "TSM", "SE", len(answer.Token))
	w.dropToken(slot)
	w.enterToken(slot, applet.TokenStatus{TID: a.Slot, Unit: t.Unit, Length: t.Length})
	return w.config.Folder.Save(w.state)
}

// enterToken enters a token that the element holds into the books: its account has paid it.
func (w *Wallet) enterToken(slot byte, s applet.TokenStatus) {
	t := IssuedToken{
		Slot: slot, Account: s.TID, Unit: s.Unit, Length: s.Length, Epoch: uint32(s.Epoch),
		Left: unitsLeft(s),
	}
	w.state.Books.Tokens = append(w.state.Books.Tokens, t)
	w.state.charge(t.Account, t.worth(t.Length))
}

// unitsLeft is what the element says is left of a token, within its length.
func unitsLeft(s applet.TokenStatus) uint8 { return uint8(max(0, min(s.Left(), int(s.Length)))) }

// buildChain has the element compute the rest of a token's chain, slice by slice.
func (w *Wallet) buildChain(ctx context.Context, slot byte) error {
	for {
		left, err := w.config.SE.ExtendChain(ctx, slot)
		if err != nil {
			return err
		}
		w.step("chain", "wallet", "SE", 1)
		if left == 0 {
			return nil
		}
	}
}

func (w *Wallet) dropToken(slot byte) {
	w.state.Books.Tokens = slices.DeleteFunc(w.state.Books.Tokens, func(t IssuedToken) bool {
		return t.Slot == slot
	})
}

// CloseToken gives up what is left of a token, for good: it comes back to the account at once. It
// returns how much that is in minor units. Repeated, it says so again.
func (w *Wallet) CloseToken(ctx context.Context, tsm Caller, slot byte) (uint64, error) {
	if err := w.enter(ctx); err != nil {
		return 0, err
	}
	if err := w.keepPayments(ctx); err != nil {
		return 0, err
	}
	tokens, err := w.config.SE.Tokens(ctx)
	if err != nil {
		return 0, err
	}
	if int(slot) >= len(tokens) || tokens[slot].State < wire.TokenReady {
		return 0, fmt.Errorf("%w: slot %d", ErrNoToken, slot)
	}
	account, ok := w.state.tid(tokens[slot].TID)
	if !ok {
		return 0, fmt.Errorf("%w: its account is closed, what is left comes back there", ErrNoToken)
	}
	at, signature, err := w.config.SE.CloseToken(ctx, slot)
	if err != nil {
		return 0, err
	}
	w.step("token-close", "SE", "TSM", wire.SignatureLen+1)
	record, err := w.config.SE.ShowToken(ctx, slot)
	if err != nil {
		return 0, err
	}
	id := record.Token.ID()
	var answer api.TokenCloseResponse
	err = tsm.Post(ctx, api.PathTokenClose, api.TokenCloseRequest{
		Run: account.Run, Token: id[:], At: at, Signature: signature[:],
	}, &answer)
	if err != nil {
		return 0, err
	}
	return answer.Back, w.noteBack(slot, answer.Back)
}

// noteBack notes that money of a token has come back to its account.
func (w *Wallet) noteBack(slot byte, minor uint64) error {
	for _, t := range w.state.Books.Tokens {
		if t.Slot == slot {
			w.state.restore(t.Account, minor)
		}
	}
	w.dropToken(slot)
	return w.config.Folder.Save(w.state)
}

// restore is the opposite of charge.
func (s *State) restore(slot byte, minor uint64) {
	for i := range s.TIDs {
		if s.TIDs[i].Slot == slot {
			s.TIDs[i].Spent -= min(minor, s.TIDs[i].Spent)
		}
	}
}

// Token returns a token that was used, and its last payment.
func (w *Wallet) Token(ctx context.Context, slot byte) (applet.TokenRecord, error) {
	if err := w.enter(ctx); err != nil {
		return applet.TokenRecord{}, err
	}
	if err := w.keepPayments(ctx); err != nil {
		return applet.TokenRecord{}, err
	}
	record, err := w.config.SE.ShowToken(ctx, slot)
	if errors.Is(err, applet.ErrState) {
		return record, fmt.Errorf("%w: slot %d: %w", ErrNoToken, slot, err)
	}
	return record, err
}

// findTokens enters tokens that the element holds and the books don't: the wallet ended after the
// element had taken one, and before that was written down.
func (w *Wallet) findTokens(tokens []applet.TokenStatus, now message.Epoch) (found bool) {
	books := &w.state.Books
	for i, s := range tokens {
		entered := slices.ContainsFunc(books.Tokens, func(t IssuedToken) bool {
			return int(t.Slot) == i
		})
		ready := s.State == wire.TokenReady || s.State == wire.TokenUsed
		if entered || !ready || s.Epoch+message.Epoch(books.Grace) < now {
			continue
		}
		w.enterToken(byte(i), s)
		found = true
	}
	return found
}

// noteTokens brings the books up to what the element says of its tokens: their last epoch, and what
// is left; and notes what has come back after expiry and grace.
func (w *Wallet) noteTokens(tokens []applet.TokenStatus, now message.Epoch) error {
	changed := false
	books := &w.state.Books
	for i := range books.Tokens {
		t := &books.Tokens[i]
		if int(t.Slot) >= len(tokens) {
			continue
		}
		s := tokens[t.Slot]
		left := unitsLeft(s)
		known := s.State >= wire.TokenReady && s.State != wire.TokenClosed && s.Unit == t.Unit
		if known && (left != t.Left || uint32(s.Epoch) != t.Epoch) {
			t.Left, t.Epoch, changed = left, uint32(s.Epoch), true
		}
	}
	if w.findTokens(tokens, now) {
		changed = true
	}
	for _, t := range slices.Clone(books.Tokens) {
		if t.Epoch != 0 && message.Epoch(t.Epoch)+message.Epoch(books.Grace) < now {
			w.state.restore(t.Account, t.worth(t.Left))
			w.dropToken(t.Slot)
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return w.config.Folder.Save(w.state)
}
