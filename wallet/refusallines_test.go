package wallet_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm"
	"tapbench/tpm/credential"
	"tapbench/tpm/quote"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// lineField is one field of a request or an answer, tried through the wallet: what TestRefusals
// gives to the receiver itself has a wallet around it here, and the fields that no signature covers
// are refused by whoever gets what was made of them.
type lineField struct {
	line, path, field string
	// request: the field is one of the request, not of the answer.
	request bool
	// damages are what happens to the JSON value.
	damages map[string]func(json.RawMessage) any
	// reasons are what may come of it.
	reasons []error
}

// problem is a refusal with a code.
func problem(c api.Code) error { return &api.Problem{Code: c} }

// lineFields are, command by command, the answers that the wallet gets and the requests' fields
// that aren't messages.
func lineFields() map[string][]lineField {
	of := func(line, path, field string, reasons ...error) lineField {
		return lineField{
			line: line, path: path, field: field, damages: byteDamages(), reasons: reasons,
		}
	}
	limit := of(lineBank, api.PathAID, "limit_minor", wallet.ErrOffer, problem(api.CodeLimit))
	limit.request, limit.damages = true, map[string]func(json.RawMessage) any{
		"another published one": func(json.RawMessage) any { return 5000 },
		"none":                  func(json.RawMessage) any { return 0 },
		"one that isn't published": func(json.RawMessage) any {
			return 9999
		},
	}
	bank := of(lineTSM, api.PathHello, "bank", problem(api.CodeUnknown))
	bank.request, bank.damages = true, map[string]func(json.RawMessage) any{
		"none":       func(json.RawMessage) any { return "" },
		"a stranger": func(json.RawMessage) any { return "BKZZZZZZ" },
	}
	sent := func(line, path, field string, reasons ...error) lineField {
		f := of(line, path, field, reasons...)
		f.request = true
		return f
	}
	text := func(path, field, other string, reasons ...error) lineField {
		f := sent(lineBank, path, field, reasons...)
		f.damages = map[string]func(json.RawMessage) any{
			"none":       func(json.RawMessage) any { return "" },
			"another":    func(json.RawMessage) any { return other },
			"a stranger": func(json.RawMessage) any { return "what nobody knows" },
		}
		return f
	}
	phone := []error{
		problem(api.CodeMalformed), problem(api.CodeSignature), problem(api.CodeUnknown),
		problem(api.CodeAttestation),
	}
	purpose := text(api.PathPhoneNonce, "purpose", api.PurposeLaunch,
		problem(api.CodeMalformed), problem(api.CodeMismatch))
	software := text(api.PathReference, "software", "another-wallet", phone...)
	policy := text(api.PathReference, "policy", api.PolicyBank,
		problem(api.CodeMalformed), applet.ErrRefused)
	challenge := []error{tpm.ErrCredential, credential.ErrChallenge}
	server := []error{wallet.ErrServer, applet.ErrRefused}
	return map[string][]lineField{
		"open": {
			of(lineBank, api.PathInfo, "sign_certificate", server...),
			of(lineBank, api.PathInfo, "kem_certificate", server...),
			of(lineBank, api.PathOpen, "credential_blob", challenge...),
			of(lineBank, api.PathOpen, "encrypted_secret", challenge...),
			sent(lineBank, api.PathPhoneNonce, "user_certificate", phone...),
			purpose,
			of(lineBank, api.PathPhoneNonce, "nonce", problem(api.CodeUnknown), quote.ErrNonce),
			sent(lineBank, api.PathReference, "user_certificate", phone...),
			sent(lineBank, api.PathReference, "nonce", phone...),
			sent(lineBank, api.PathReference, "challenge", phone...),
			software, policy,
			sent(lineBank, api.PathReference, "program", phone...),
			sent(lineBank, api.PathReference, "evidence", phone...),
			of(lineBank, api.PathReference, "signature", server...),
			limit,
			of(lineBank, api.PathAID, "message_2", applet.ErrRefused),
			of(lineBank, api.PathAIDKeys, "message_4", applet.ErrRefused),
		},
		"register": {
			of(lineTSM, api.PathInfo, "sign_certificate", server...),
			of(lineTSM, api.PathInfo, "kem_certificate", server...),
			bank,
			of(lineTSM, api.PathHello, "run", problem(api.CodeUnknown), problem(api.CodeMalformed),
				wallet.ErrServer),
			of(lineTSM, api.PathHello, "nonce_tsm", problem(api.CodeSignature), wallet.ErrServer),
			of(lineTSM, api.PathHello, "nonce_bank", applet.ErrRefused, wallet.ErrServer),
			of(lineTSM, api.PathHello, "session", applet.ErrRefused, wallet.ErrServer),
			of(lineLink, api.PathNonce, "nonce", problem(api.CodeUnknown),
				problem(api.CodeUnavailable)),
			of(lineLink, api.PathNonce, "session", problem(api.CodeMismatch),
				problem(api.CodeUnavailable)),
			of(lineTSM, api.PathRegister, "message_2", applet.ErrRefused),
			of(lineLink, api.PathFund, "auth", problem(api.CodeUnavailable)),
			of(lineTSM, api.PathTIDFund, "message_6", applet.ErrRefused),
		},
		"refill": { // of an element whose policy is the bank's
			of(lineBank, api.PathPhoneNonce, "nonce", problem(api.CodeUnknown), quote.ErrNonce),
			sent(lineBank, api.PathConsent, "user_certificate", phone...),
			sent(lineBank, api.PathConsent, "nonce", phone...),
			sent(lineBank, api.PathConsent, "challenge", phone...),
			sent(lineBank, api.PathConsent, "evidence", phone...),
			of(lineBank, api.PathConsent, "signature", server...),
			of(lineTSM, api.PathInfo, "epoch_certificate", server...),
			of(lineTSM, api.PathCard, "card", applet.ErrRefused),
		},
	}
}

// byteDamages are the damages of a byte string.
func byteDamages() map[string]func(json.RawMessage) any {
	of := func(damage func([]byte) []byte) func(json.RawMessage) any {
		return func(value json.RawMessage) any {
			var b []byte
			if json.Unmarshal(value, &b) != nil || len(b) == 0 {
				return value
			}
			return damage(b)
		}
	}
	out := make(map[string]func(json.RawMessage) any)
	for name := range flips([]byte{0}) {
		out[name] = of(func(b []byte) []byte { return flips(b)[name] })
	}
	for name := range lengths([]byte{0}) {
		out[name] = of(func(b []byte) []byte { return lengths(b)[name] })
	}
	return out
}

// TestFieldsOfTheLines damages each of these fields on its way, as often as there are damages. The
// command fails by name, no money moves, what the command was about isn't ready, and the same
// command without damage comes to its end.
func TestFieldsOfTheLines(t *testing.T) {
	s := wallettest.New(t)
	lines := map[string]*wallettest.Server{
		lineBank: s.BankFor(message.PartyID{}), lineTSM: s.TSMServer(), lineLink: s.Link,
	}
	s.Consent = lines[lineBank]
	commands := map[string]func() error{
		"open": func() error {
			return s.NewWallet(t).Open(t.Context(), wallet.OpenOptions{
				Release: s.Release(),
				Bank:    lines[lineBank], User: message.NewUserID("alice"), Deposit: 20000,
				Limit: 10000,
			})
		},
		"register": func() error {
			return s.NewWallet(t).Register(t.Context(),
				wallet.RegisterOptions{TSM: lines[lineTSM]})
		},
		"refill": func() error {
			_, err := s.NewWallet(t).Refill(t.Context(), lines[lineTSM], 1)
			return err
		},
	}
	rows := 0
	for _, command := range []string{"open", "register", "refill"} {
		for _, f := range lineFields()[command] {
			for _, damage := range slices.Sorted(maps.Keys(f.damages)) {
				rows++
				name := key(f.line, f.path, f.field) + ": " + damage
				f.try(t, s, lines[f.line], name, f.damages[damage], commands[command])
			}
		}
		if err := commands[command](); err != nil {
			t.Fatalf("%s, without damage: %v", command, err)
		}
		if command == "register" {
			release := s.Release()
			release.Policy = wire.LaunchBank
			check(t, s.NewWallet(t).Install(t.Context(),
				wallet.InstallOptions{Bank: lines[lineBank], Release: release}))
		}
	}
	wantBalance(t, s.BankDB, "customer/alice", 10000)
	t.Logf("%d damaged fields refused", rows)
}

// try damages one field once.
func (f lineField) try(
	t *testing.T, s *wallettest.System, line *wallettest.Server, name string,
	damage func(json.RawMessage) any, command func() error,
) {
	t.Helper()
	var then wallettest.Snapshot
	change := func(path string, raw []byte) ([]byte, error) {
		if path != f.path {
			return raw, nil
		}
		then = s.Snapshot(t)
		return damageJSON(raw, f.field, damage)
	}
	if f.request {
		line.Change = change
	} else {
		line.Answer = change
	}
	err := command()
	line.Change, line.Answer = nil, nil
	if then == nil {
		t.Fatalf("%s: it never passed: %v", name, err)
	}
	known := slices.ContainsFunc(f.reasons, func(want error) bool { return errors.Is(err, want) })
	if !known {
		t.Errorf("%s: got %v, want one of %v", name, err, f.reasons)
	}
	now := s.Snapshot(t)
	if diff := cmp.Diff(books(then), books(now)); diff != "" {
		t.Errorf("%s: money moved:\n%s", name, diff)
	}
	state := s.NewWallet(t).State()
	for _, a := range state.Banks {
		if a.Granted && f.line == lineBank && f.path != api.PathPhoneNonce &&
			f.path != api.PathConsent {
			t.Errorf("%s: the wallet takes the account for ready", name)
		}
	}
	status, err := s.NewWallet(t).Status(t.Context())
	check(t, err)
	if f.path != api.PathInfo && status.Cards[0] == wire.CardReady {
		t.Errorf("%s: the element has a card", name)
	}
}

// books is the part of a snapshot that is the books.
func books(all wallettest.Snapshot) map[string]string {
	out := make(map[string]string)
	for _, table := range []string{"ledger_transfer", "ledger_posting"} {
		for _, party := range []string{"bank ", "TSM "} {
			out[party+table] = all[party+table]
		}
	}
	return out
}

// damageJSON replaces one field of a JSON object.
func damageJSON(raw []byte, field string, damage func(json.RawMessage) any) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	changed, err := json.Marshal(damage(all[field]))
	if err != nil {
		return nil, err
	}
	all[field] = changed
	return json.Marshal(all)
}
