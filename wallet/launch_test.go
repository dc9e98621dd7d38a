package wallet_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/wallet"
	"tapbench/wallet/starter"
	"tapbench/wallet/wallettest"
)

// launched is a system whose phone was enrolled.
type launched struct {
	*wallettest.System
	t         *testing.T
	bank, tsm *wallettest.Server
}

func newLaunched(t *testing.T, policy wire.LaunchPolicy) *launched {
	t.Helper()
	l := &launched{System: wallettest.New(t), t: t}
	l.bank, l.tsm = l.BankFor(message.PartyID{}), l.TSMServer()
	release := l.Release()
	release.Policy = policy
	check(t, l.open(release))
	return l
}

func (l *launched) open(release wallet.Release) error {
	return l.NewWallet(l.t).Open(l.t.Context(), wallet.OpenOptions{
		Bank: l.bank, User: message.NewUserID("alice"), Deposit: 20000, Limit: 10000,
		Release: release,
	})
}

func (l *launched) register() error {
	return l.NewWallet(l.t).Register(l.t.Context(),
		wallet.RegisterOptions{TSM: l.tsm, Limit: 5000})
}

func (l *launched) install(release wallet.Release) error {
	return l.NewWallet(l.t).Install(l.t.Context(),
		wallet.InstallOptions{Bank: l.bank, Release: release})
}

// element returns what unlocks the element.
func (l *launched) element() applet.Launch {
	l.t.Helper()
	got, err := l.NewWallet(l.t).LaunchState(l.t.Context())
	check(l.t, err)
	return got
}

// program writes an executable beside the genuine one.
func (l *launched) program(name string, content []byte) string {
	l.t.Helper()
	path := filepath.Join(l.Dir, name)
	check(l.t, os.WriteFile(path, content, 0o600))
	return path
}

// changed is the wallet's program with one byte changed.
func (l *launched) changed() string {
	l.t.Helper()
	content, err := os.ReadFile(l.Program)
	check(l.t, err)
	content[len(content)/2] ^= 1
	return l.program("changed", content)
}

// TestChangedProgram: the genuine starter starts a program with one byte changed. The element
// stays locked, looking and disarming still work, and the phone is as it was once the genuine one
// was started, after a reboot for the bank.
func TestChangedProgram(t *testing.T) {
	l := newLaunched(t, wire.LaunchLocal)
	before := l.Snapshot(t)
	l.Start(t, l.changed())
	w := l.NewWallet(t)
	_, refill := w.Refill(t.Context(), l.tsm, 1)
	for name, err := range map[string]error{
		"open": l.open(l.Release()), "register": l.register(),
		"arm": w.Arm(t.Context(), [6]byte{5: 1}, [2]byte{0x09, 0x78}),
	} {
		if !errors.Is(err, wallet.ErrOtherProgram) {
			t.Errorf("%s: got %v, want %v", name, err, wallet.ErrOtherProgram)
		}
	}
	if !errors.Is(refill, wallet.ErrNotRegistered) {
		t.Errorf("refill: got %v, want %v", refill, wallet.ErrNotRegistered)
	}
	if _, err := w.Status(t.Context()); err != nil {
		t.Errorf("status: %v", err)
	}
	check(t, w.Disarm(t.Context()))
	if got := l.element(); !got.Locked() || got.Software != wallettest.Software {
		t.Errorf("the element: %+v", got)
	}
	if diff := cmp.Diff(tables(before), tables(l.Snapshot(t))); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
	// The genuine one unlocks the element, but the bank sees what else was started until a reboot.
	l.Start(t, l.Program)
	wantCode(t, "BINFO", l.register(), api.CodeAttestation)
	l.RestartTPM(t)
	check(t, l.register())
}

// tables is a snapshot without what looking at the phone may write.
func tables(all wallettest.Snapshot) wallettest.Snapshot {
	out := wallettest.Snapshot{}
	for name, value := range all {
		if name != "wallet" {
			out[name] = value
		}
	}
	return out
}

func wantCode(t *testing.T, what string, err error, want api.Code) {
	t.Helper()
	if problem := new(api.Problem); !errors.As(err, &problem) || problem.Code != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

// TestLyingProgram: a program that skips every check of its own, and says to PCR 23 that it is the
// genuine one. The element can't tell. The bank can, whether the list tells or not, at the next AID
// and at the next BINFO: the kernel has measured it before it could do anything.
func TestLyingProgram(t *testing.T) {
	for name, hide := range map[string]bool{"the list tells": false, "the list is cut": true} {
		t.Run(name, func(t *testing.T) {
			l := newLaunched(t, wire.LaunchLocal)
			bob, carol := l.Another(t), l.Another(t)
			openAs := func(s *wallettest.System, name string) error {
				return s.NewWallet(t).Open(t.Context(), wallet.OpenOptions{
					Bank: l.bank, User: message.NewUserID(name), Limit: 10000, Release: l.Release(),
				})
			}
			l.bank.Change = func(path string, raw []byte) ([]byte, error) {
				if path == api.PathAID {
					return nil, errKilled
				}
				return raw, nil
			}
			if err := openAs(bob, "bob"); !errors.Is(err, errKilled) {
				t.Fatalf("bob's account without an AID: %v", err)
			}
			l.bank.Change = nil
			l.lie(hide)
			wantCode(t, "BINFO", l.register(), api.CodeAttestation)
			wantCode(t, "AID", openAs(bob, "bob"), api.CodeAttestation)
			err := openAs(carol, "carol")
			if hide && errors.Is(err, starter.ErrList) {
				return // the wallet's own check
			}
			wantCode(t, "download", err, api.CodeAttestation)
		})
	}
}

// lie starts a changed program, which then says to PCR 23 that it is the genuine one, and may cut
// itself out of the list.
func (l *launched) lie(hide bool) {
	l.t.Helper()
	list, err := os.ReadFile(l.List)
	check(l.t, err)
	l.Start(l.t, l.changed())
	genuine, err := tpm.MeasureFile(l.Program)
	check(l.t, err)
	check(l.t, l.TPM.ResetPCR(l.t.Context(), measure.LaunchPCR))
	check(l.t, l.TPM.ExtendPCR(l.t.Context(), measure.LaunchPCR, genuine.Digest))
	if hide {
		check(l.t, os.WriteFile(l.List, list, 0o600))
	}
}

// TestReplayedLaunch: what has unlocked an element once, over swtpm, doesn't do so again, and a
// quote by another phone's key never does.
func TestReplayedLaunch(t *testing.T) {
	l := newLaunched(t, wire.LaunchLocal)
	se := applet.NewClient(l.Session)
	unlock := func() message.PublicKey {
		t.Helper()
		_, err := l.NewWallet(t).Status(t.Context()) // selects, and proves the host
		check(t, err)
		cert, err := se.Certificate(t.Context())
		check(t, err)
		return cert.Key
	}
	ask := func(key message.PublicKey, nonce message.Nonce) quote.Binding {
		return quote.Binding{
			Purpose: quote.PurposeLaunch, Nonce: nonce[:], SoftwareID: wallettest.Software,
			SE: key[:],
		}
	}
	key := unlock()
	nonce, err := se.Challenge(t.Context())
	check(t, err)
	attest, sig, err := l.Phone.LaunchQuote(t.Context(), ask(key, nonce))
	check(t, err)
	check(t, se.LaunchByQuote(t.Context(), attest, sig))
	unlock()
	_, err = se.Challenge(t.Context())
	check(t, err)
	if err := se.LaunchByQuote(t.Context(), attest, sig); !errors.Is(err, applet.ErrRefused) {
		t.Errorf("replayed: got %v, want %v", err, applet.ErrRefused)
	}
	nonce, err = se.Challenge(t.Context())
	check(t, err)
	attest, sig, err = l.Another(t).Phone.LaunchQuote(t.Context(), ask(key, nonce))
	check(t, err)
	if err := se.LaunchByQuote(t.Context(), attest, sig); !errors.Is(err, applet.ErrRefused) {
		t.Errorf("by another key: got %v, want %v", err, applet.ErrRefused)
	}
}

// TestBankPolicy: the element refuses what would do under the other policy, and the bank's consent
// goes only to a phone that runs nothing but what was released.
func TestBankPolicy(t *testing.T) {
	l := newLaunched(t, wire.LaunchBank)
	_, err := l.NewWallet(t).Status(t.Context())
	check(t, err)
	se := applet.NewClient(l.Session)
	cert, err := se.Certificate(t.Context())
	check(t, err)
	nonce, err := se.Challenge(t.Context())
	check(t, err)
	attest, sig, err := l.Phone.LaunchQuote(t.Context(), quote.Binding{
		Purpose: quote.PurposeLaunch, Nonce: nonce[:], SoftwareID: wallettest.Software,
		SE: cert.Key[:],
	})
	check(t, err)
	if err := se.LaunchByQuote(t.Context(), attest, sig); !errors.Is(err, applet.ErrState) {
		t.Errorf("a local quote: got %v, want %v", err, applet.ErrState)
	}
	check(t, l.register()) // with the consent
	l.Start(t, l.changed())
	_, err = l.NewWallet(t).Refill(t.Context(), l.tsm, 1)
	wantCode(t, "a changed program", err, api.CodeAttestation)
	l.RestartTPM(t)
	_, err = l.NewWallet(t).Refill(t.Context(), l.tsm, 1)
	check(t, err)
	l.Revoked = func([32]byte) bool { return true }
	_, err = l.NewWallet(t).Refill(t.Context(), l.tsm, 2)
	wantCode(t, "a revoked program", err, api.CodeAttestation)
	l.Revoked = nil
	check(t, l.install(l.Release())) // back to the policy local
	if got := l.element().Policy; got != wire.LaunchLocal {
		t.Errorf("policy %v", got)
	}
	l.Consent.Change = func(string, []byte) ([]byte, error) { return nil, errKilled }
	_, err = l.NewWallet(t).Refill(t.Context(), l.tsm, 2)
	check(t, err)
}

// TestInstallRefuses: a program that the release doesn't name, that the bank doesn't accept, or
// that it has revoked isn't installed, and what was installed stays so.
func TestInstallRefuses(t *testing.T) {
	l := newLaunched(t, wire.LaunchLocal)
	next := l.program("next", []byte("the next release"))
	entry, err := tpm.MeasureFile(next)
	check(t, err)
	names := func(digest [32]byte) bool { return digest == entry.Digest }
	release := l.Release()
	release.Version, release.Program = "2", next
	before, element := l.Snapshot(t), l.element()
	unchanged := func(what string) {
		t.Helper()
		if got := l.element(); got != element {
			t.Errorf("%s: the element has %+v, had %+v", what, got, element)
		}
		now := l.Snapshot(t)
		delete(now, "bank phone_nonces") // what was asked for isn't asked for again
		delete(before, "bank phone_nonces")
		if diff := cmp.Diff(before, now); diff != "" {
			t.Errorf("%s: something changed:\n%s", what, diff)
		}
	}
	list, err := os.ReadFile(l.List)
	check(t, err)
	if err := l.install(release); !errors.Is(err, wallet.ErrUnreleased) {
		t.Errorf("a program that the release doesn't name: got %v, want %v", err, wallet.ErrUnreleased)
	}
	unchanged("not named")
	if now, err := os.ReadFile(l.List); err != nil || !bytes.Equal(now, list) {
		t.Errorf("not named, and measured: %v", err)
	}
	release.Released = names
	wantCode(t, "a release that the bank doesn't accept", l.install(release), api.CodeAttestation)
	unchanged("not accepted")
	first := l.Released
	l.Released = func(digest [32]byte) bool { return first(digest) || names(digest) }
	l.Revoked = names
	wantCode(t, "a revoked release", l.install(release), api.CodeAttestation)
	unchanged("revoked")
	l.RestartTPM(t) // what was measured is in PCR 10 until then
	check(t, l.register())
}

// TestNextRelease installs a release from the one before. From then on that one alone unlocks the
// element; and the same again asks nobody.
func TestNextRelease(t *testing.T) {
	l := newLaunched(t, wire.LaunchLocal)
	next := l.program("next", []byte("the next release"))
	entry, err := tpm.MeasureFile(next)
	check(t, err)
	first := l.Released
	l.Released = func(digest [32]byte) bool { return first(digest) || digest == entry.Digest }
	release := l.Release()
	release.Version, release.Program = "2", next
	check(t, l.install(release))
	if got := l.NewWallet(t).State().Installed; got.Version != "2" ||
		!bytes.Equal(got.Program, entry.Digest[:]) {
		t.Errorf("installed: %+v", got)
	}
	if err := l.register(); !errors.Is(err, wallet.ErrOtherProgram) {
		t.Errorf("the release before: got %v, want %v", err, wallet.ErrOtherProgram)
	}
	l.Start(t, next)
	check(t, l.register())
	l.bank.Change = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathInfo {
			t.Errorf("asked: %s", path)
		}
		return raw, nil
	}
	check(t, l.install(release))
}

// TestStartedSince: the wallet tells a program that was started after it from one that it was
// started as.
func TestStartedSince(t *testing.T) {
	l := newLaunched(t, wire.LaunchLocal)
	genuine, err := tpm.MeasureFile(l.Program)
	check(t, err)
	l.Started = genuine.Digest
	l.Start(t, l.changed())
	if err := l.register(); !errors.Is(err, wallet.ErrStartedSince) {
		t.Errorf("got %v, want %v", err, wallet.ErrStartedSince)
	}
}
