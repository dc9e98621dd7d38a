package wallet_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// These tests damage every message of phases 0 to 4, one field at a time, in every way that
// somebody between two parties, another user or another party could. The rows are made from the
// table of messages (protocolMessages) and from the structs that they name: a new message is
// covered by being listed there, a new field by being in its struct.

// user is one user's system and what was said on its lines. A key of said is line, path and field,
// such as "bank /v1/aid/request message_1".
type user struct {
	*wallettest.System
	t    *testing.T
	said map[string][]byte
	// heard are the fields that ever passed.
	heard map[string]bool
	// registered is the user when the TSM account was registered that its cards belong to, nil for
	// the latest registration.
	registered *user
}

func newUser(t *testing.T, s *wallettest.System) *user {
	t.Helper()
	return &user{
		System: s, t: t, said: make(map[string][]byte), heard: make(map[string]bool),
	}
}

// record keeps the byte strings of a JSON object.
func (u *user) record(line, path string, raw []byte) {
	u.t.Helper()
	var all map[string]json.RawMessage
	check(u.t, json.Unmarshal(raw, &all))
	for name, value := range all {
		u.heard[key(line, path, name)] = true
		var b []byte
		if json.Unmarshal(value, &b) == nil {
			u.said[key(line, path, name)] = b
		}
	}
}

func key(line, path, field string) string { return line + " " + path + " " + field }

// begin forgets what an earlier run said from this request on, so that no two runs mix.
func (u *user) begin(line, path string) {
	for _, phase := range [][]string{
		{lineBank + " " + api.PathAID, lineBank + " " + api.PathAIDKeys},
		{
			lineTSM + " " + api.PathHello, lineTSM + " " + api.PathRegister,
			lineTSM + " " + api.PathTIDFund, lineLink + " " + api.PathFund,
		},
		{lineTSM + " " + api.PathCard},
	} {
		from := slices.Index(phase, line+" "+path)
		if from < 0 {
			continue
		}
		maps.DeleteFunc(u.said, func(name string, _ []byte) bool {
			return slices.ContainsFunc(phase[from:], func(at string) bool {
				return strings.HasPrefix(name, at+" ")
			})
		})
	}
}

// trial is the system under test with all its users.
type trial struct {
	*user              // alice, whose messages are damaged
	other, older *user // another user's run; an older run of alice's
	bank, tsm    *wallettest.Server
	messages     []protocolMessage
	rows         int
	seen         map[string]bool
	replays      []func(t *testing.T) // earlier answers, given to the element again
	asked        map[string][]byte    // the latest request by line and path
	carried      []exchange           // all requests that were carried out
}

// exchange is a request that was carried out.
type exchange struct {
	line, path      string
	request, answer []byte
}

// ask records a request, hear its answer.
func (w *trial) ask(u *user, line, path string, raw []byte) {
	u.begin(line, path)
	u.record(line, path, raw)
	w.asked[line+" "+path] = raw
}

func (w *trial) hear(u *user, line, path string, raw []byte) {
	u.record(line, path, raw)
	w.carried = append(w.carried, exchange{line, path, w.asked[line+" "+path], raw})
}

// again sends every request of every user once more. Whatever comes back, nothing happens; and it
// is the first answer, or a refusal.
func (w *trial) again(t *testing.T) {
	t.Helper()
	w.Link.Change, w.Link.Answer = nil, nil
	before := w.Snapshot(t)
	for _, e := range w.carried {
		if e.path == api.PathHello || e.path == api.PathNonce || e.path == api.PathPhoneNonce {
			continue // they have no content: each is a new one
		}
		answer, err := w.lines()[e.line].Call(context.WithoutCancel(t.Context()), e.path, e.request)
		problem := new(api.Problem)
		if err == nil && !bytes.Equal(answer, e.answer) || err != nil && !errors.As(err, &problem) {
			t.Errorf("%s %s sent again: another answer, %v", e.line, e.path, err)
		}
		w.rows++
	}
	if diff := cmp.Diff(before, w.Snapshot(t)); diff != "" {
		t.Errorf("requests sent again: something changed:\n%s", diff)
	}
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	s := wallettest.New(t)
	w := &trial{
		user:  newUser(t, s),
		other: newUser(t, s.Another(t)),
		bank:  s.BankFor(message.PartyID{}), tsm: s.TSMServer(), seen: make(map[string]bool),
		asked:    make(map[string][]byte),
		messages: protocolMessages(),
	}
	w.listen(w.other)
	check(t, w.open(w.other, "bob"))
	check(t, w.register(w.other))
	check(t, w.refill(w.other, 1))
	check(t, w.close(w.other))
	return w
}

// listen has a user's messages recorded.
func (w *trial) listen(u *user) {
	for line, server := range w.lines() {
		server.Change = func(path string, raw []byte) ([]byte, error) {
			w.ask(u, line, path, raw)
			return raw, nil
		}
		server.Answer = func(path string, raw []byte) ([]byte, error) {
			w.hear(u, line, path, raw)
			return raw, nil
		}
	}
}

func (w *trial) lines() map[string]*wallettest.Server {
	return map[string]*wallettest.Server{lineBank: w.bank, lineTSM: w.tsm, lineLink: w.Link}
}

func (w *trial) open(u *user, name string) error {
	return u.NewWallet(w.t).Open(w.t.Context(), wallet.OpenOptions{
		Release: u.Release(),
		Bank:    w.bank, User: message.NewUserID(name), Deposit: 20000, Limit: 10000,
	})
}

func (w *trial) register(u *user) error {
	return u.NewWallet(w.t).Register(w.t.Context(),
		wallet.RegisterOptions{TSM: w.tsm, Limit: 5000})
}

func (w *trial) refill(u *user, n int) error {
	_, err := u.NewWallet(w.t).Refill(w.t.Context(), w.tsm, n)
	return err
}

// attack has every message of alice's damaged when it passes, before the genuine one goes on.
func (w *trial) attack() {
	for line, server := range w.lines() {
		server.Change = func(path string, raw []byte) ([]byte, error) {
			w.ask(w.user, line, path, raw)
			w.replayAll()
			w.refuseAll(line+" "+path, raw)
			return raw, nil
		}
		server.Answer = func(path string, raw []byte) ([]byte, error) {
			w.hear(w.user, line, path, raw)
			w.refuseAll(line+" "+path+" answer", raw)
			return raw, nil
		}
	}
}

// replayAll gives every earlier answer to the element again.
func (w *trial) replayAll() {
	for _, replay := range w.replays {
		replay(w.t)
	}
}

// refuseAll tries the rows of all messages whose time is now.
func (w *trial) refuseAll(when string, raw []byte) {
	for _, m := range w.messages {
		if m.when == when {
			w.seen[m.name] = true
			w.t.Run(m.name, func(t *testing.T) { w.refuse(t, m, raw) })
		}
	}
}

// refuse tries all rows of one message.
func (w *trial) refuse(t *testing.T, m protocolMessage, now []byte) {
	genuine := w.said[m.at]
	if genuine == nil {
		t.Fatalf("nobody said %s", m.at)
	}
	before := w.Snapshot(t)
	rows := w.rowsOf(t, m, genuine)
	for _, r := range rows {
		if bytes.Equal(r.raw, genuine) || m.only != nil && !m.only(r) {
			continue
		}
		w.rows++
		m.judge(t, r, m.deliver(w, t, now, r.raw))
		if diff := cmp.Diff(before, w.Snapshot(t)); diff != "" {
			t.Fatalf("%s: something changed (-before +after):\n%s", r, diff)
		}
	}
	if m.once {
		sent := bytes.Clone(genuine)
		w.replays = append(w.replays, func(t *testing.T) { w.replay(t, m, now, sent) })
	}
}

// judge compares what came of a row with what must come of it.
func (m protocolMessage) judge(t *testing.T, r row, err error) {
	t.Helper()
	want := m.reason(r)
	switch {
	case err == nil && r.leaf == asSent && slices.Contains(m.repeats, r.damage):
		// The request was carried out before: its first answer comes again.
	case err == nil:
		t.Errorf("%s: accepted", r)
	case want == nil || !errors.Is(err, want):
		t.Errorf("%s: refused with %v, want %v", r, err, want)
	}
}

// replay delivers a message that was taken before.
func (w *trial) replay(t *testing.T, m protocolMessage, now, sent []byte) {
	t.Helper()
	before := w.Snapshot(t)
	err := m.deliver(w, t, now, sent)
	if !errors.Is(err, applet.ErrState) && !errors.Is(err, applet.ErrRefused) {
		t.Errorf("%s replayed: %v", m.name, err)
	}
	if diff := cmp.Diff(before, w.Snapshot(t)); diff != "" {
		t.Errorf("%s replayed: something changed:\n%s", m.name, diff)
	}
}

// rowList collects the rows of one message.
type rowList struct {
	rows    []row
	genuine int // the message's length in bytes
}

func (l *rowList) add(leaf, damage string, raw []byte) {
	l.rows = append(l.rows, row{leaf, damage, raw, l.genuine})
}

func (l *rowList) addAll(leaf string, damaged map[string][]byte, build func([]byte) []byte) {
	for _, damage := range slices.Sorted(maps.Keys(damaged)) {
		l.add(leaf, damage, build(damaged[damage]))
	}
}

// rowsOf makes the rows of one message.
func (w *trial) rowsOf(t *testing.T, m protocolMessage, genuine []byte) []row {
	t.Helper()
	list := &rowList{genuine: len(genuine)}
	same := func(b []byte) []byte { return b }
	list.addAll(asSent, flips(genuine), same)
	list.addAll(asSent, lengths(genuine), same)
	for _, foreign := range w.foreign(m) {
		list.add(asSent, foreign.damage, foreign.raw)
	}
	if m.open == nil {
		return list.rows
	}
	plain, seal := m.open(t, w.user, genuine)
	if !bytes.Equal(seal(plain), genuine) && !m.fresh {
		t.Fatal("the same plaintext isn't sealed alike")
	}
	list.addAll("plaintext", lengths(plain), seal)
	if m.seals != nil {
		list.addAll("seal", m.seals(t, w.user, genuine), func(b []byte) []byte { return b })
	}
	if m.body == nil {
		list.addAll("plaintext", flips(plain), seal)
		return list.rows
	}
	size := 0
	for _, l := range leaves(m.body, 0) {
		size += l.n
	}
	start := len(plain) - size
	headRows(t, list, plain, start, seal)
	for _, l := range leaves(m.body, start) {
		w.leafRows(t, m, l, plain, seal, list)
	}
	return list.rows
}

// headRows are the rows of type and label, which stand before the body at start.
func headRows(t *testing.T, list *rowList, plain []byte, start int, seal func([]byte) []byte) {
	t.Helper()
	if start == 0 {
		return
	}
	for _, other := range messageTypes(t) {
		if byte(other.value) != plain[0] {
			list.add("type", fmt.Sprintf("of type %s", other.name),
				seal(append([]byte{byte(other.value)}, plain[1:]...)))
		}
	}
	list.addAll("label", flips(plain[1:start]), func(b []byte) []byte {
		return seal(slices.Concat(plain[:1], b, plain[start:]))
	})
}

// leafRows are the rows of one field of the body.
func (w *trial) leafRows(
	t *testing.T, m protocolMessage, l leaf, plain []byte, seal func([]byte) []byte, list *rowList,
) {
	t.Helper()
	put := func(b []byte) []byte { return seal(l.with(plain, b)) }
	name := l.name
	switch {
	case name == "" && l.signature:
		name = "signature"
	case name == "":
		name = "value"
	}
	list.addAll(name, flips(l.of(plain)), put)
	for who, u := range map[string]*user{anotherUsers: w.other, anOlderRuns: w.older} {
		if u == nil || u.said[m.at] == nil {
			continue
		}
		theirs, _ := m.open(t, u, u.said[m.at])
		if !bytes.Equal(l.of(theirs), l.of(plain)) {
			list.add(name, who, put(l.of(theirs)))
		}
	}
	if l.signature {
		w.signatureRows(t, m, l, plain, func(damage string, sig []byte) {
			list.add(name, damage, put(sig))
		})
	}
}

// signatureRows are the rows of one signature: by every other key, of every other message, and in
// its other form.
func (w *trial) signatureRows(
	t *testing.T, m protocolMessage, l leaf, plain []byte, add func(string, []byte),
) {
	t.Helper()
	was := l.of(plain)
	add("in its high-s form", highS(l.of(plain)))
	add("zero", make([]byte, l.n))
	digest, ok := m.digests[l.name]
	if !ok {
		t.Errorf("no digest for %s", l.name)
		return
	}
	sum, right := digest(t, w.user, plain)
	if err := message.Verify(right, sum, message.Signature(l.of(plain))); err != nil {
		t.Fatalf("the genuine %s: %v", l.name, err)
	}
	for name, signer := range w.signers(t) {
		public, err := message.NewPublicKey(&signer.PublicKey)
		check(t, err)
		if public == right {
			continue
		}
		sig, err := message.Sign(signer, sum)
		check(t, err)
		add("signed by "+name, sig[:])
	}
	for _, other := range w.messages {
		if other.open == nil || other.body == nil || w.said[other.at] == nil {
			continue
		}
		theirs, _ := other.open(t, w.user, w.said[other.at])
		for _, l := range leaves(other.body, 0) {
			l.at += len(theirs) - bodySize(other.body)
			if l.signature && !bytes.Equal(l.of(theirs), was) {
				add("of "+other.name+" "+l.name, l.of(theirs))
			}
		}
	}
}

func bodySize(body any) int {
	all := leaves(body, 0)
	last := all[len(all)-1]
	return last.at + last.n
}

// foreign are other genuine messages in the place of this one: of another user, of an older run,
// of another phase.
func (w *trial) foreign(m protocolMessage) []row {
	var out []row
	add := func(damage string, raw []byte) {
		known := slices.ContainsFunc(out, func(r row) bool { return bytes.Equal(r.raw, raw) })
		if len(raw) > 0 && !known {
			out = append(out, row{damage: damage, raw: raw})
		}
	}
	add(anotherUsers, w.other.said[m.at])
	if w.older != nil {
		add(anOlderRuns, w.older.said[m.at])
	}
	for _, name := range slices.Sorted(maps.Keys(w.said)) {
		if name != m.at {
			add("instead of it "+name, w.said[name])
		}
	}
	return out
}

// signers are all keys that sign anything, but for the certificate authority's.
func (w *trial) signers(t *testing.T) map[string]*ecdsa.PrivateKey {
	t.Helper()
	keys := map[string]*ecdsa.PrivateKey{
		"the bank": w.Bank.SignKey, "the TSM": w.TSM.SignKey, "the TSM's epoch key": w.TSM.EpochKey,
		"another bank": w.Others[0].Sign.Reveal(),
	}
	for who, u := range map[string]*user{"the user's ": w.user, "another user's ": w.other} {
		for name, public := range u.publicKeys(t) {
			keys[who+name] = u.Keys.Sign(t, public)
		}
	}
	return keys
}

// TestRefusals damages every message of phases 0 to 4.
func TestRefusals(t *testing.T) {
	w := newTrial(t)
	// An older run of phase 2: it comes as far as message 3, which nobody gets.
	w.older = newUser(t, w.System)
	w.attack()
	aid := w.bank.Change
	w.bank.Change = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathAIDKeys && path != api.PathAID {
			return aid(path, raw)
		}
		w.ask(w.user, lineBank, path, raw)
		if path == api.PathAIDKeys {
			return nil, api.Refuse(api.CodeExpired, "the older run ends here")
		}
		return raw, nil
	}
	answer := w.bank.Answer
	w.bank.Answer = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathAID {
			return answer(path, raw)
		}
		w.hear(w.user, lineBank, path, raw)
		return raw, nil
	}
	if err := w.open(w.user, "alice"); !errors.Is(err, &api.Problem{Code: api.CodeExpired}) {
		t.Fatal("the older run: ", err)
	}
	w.older.said = maps.Clone(w.said)
	w.attack()
	check(t, w.open(w.user, "alice"))
	// An older registration and an older card.
	w.listen(w.user)
	check(t, w.register(w.user))
	check(t, w.refill(w.user, 1))
	maps.Copy(w.older.said, w.said)
	w.registered = w.older
	w.attack()
	check(t, w.register(w.user))
	check(t, w.refill(w.user, 2))
	check(t, w.close(w.user))
	w.covered(t)
	w.again(t)
	w.total(t)
	t.Logf("%d messages refused", w.rows)
}

// total checks that the genuine runs have moved what they must, and nothing else anything.
func (w *trial) total(t *testing.T) {
	t.Helper()
	wantBalance(t, w.BankDB, "customer/alice", 10000)
	wantBalance(t, w.BankDB, "customer/bob", 15000)
	wantBalance(t, w.BankDB, ledger.AccountID("escrow/"+w.TSM.ID.String()), 15000)
	wantBalance(t, w.TSMDB, ledger.AccountID("escrow/"+w.Bank.ID.String()), 15000)
}

// deliverTo sends a request with one field replaced.
func deliverTo(line, path, field string) func(*trial, *testing.T, []byte, []byte) error {
	return func(w *trial, t *testing.T, now, raw []byte) error {
		t.Helper()
		return w.call(t, line, path, replaceField(t, now, field, raw))
	}
}

func (w *trial) call(t *testing.T, line, path string, request []byte) error {
	t.Helper()
	_, err := w.lines()[line].Call(context.WithoutCancel(t.Context()), path, request)
	return err
}

func replaceField(t *testing.T, request []byte, field string, value []byte) []byte {
	t.Helper()
	out, err := damageJSON(request, field, func(json.RawMessage) any { return value })
	check(t, err)
	return out
}
