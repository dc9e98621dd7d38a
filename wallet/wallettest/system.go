package wallettest

import (
	"context"
	"crypto/ecdh"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet"
	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/bank"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/pcsc"
	"tapbench/tpm"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
	"tapbench/wallet"
	"tapbench/wallet/starter"
)

// Software is the software id that the system's quotes name.
const Software = "wallet-under-test"

// System is everything, in one process.
type System struct {
	Dir      string // the user's
	Home     string // the servers'
	Now      func() time.Time
	Card     *emulator.Card
	Session  *pcsc.Session
	TPM      *tpm.TPM
	Phone    *wallet.Phone
	Attester wallet.Attester // nil: Phone
	List     string          // path of the measurement list
	Program  string          // path of the wallet's executable
	Released func([32]byte) bool
	Revoked  func([32]byte) bool // nil: nothing
	Started  [32]byte            // what the wallet is told that it was started as
	Consent  *Server             // the bank as a wallet asks it for its consent to a launch
	Desk     *pki.Desk
	Bank     *bank.Bank
	TSM      *tsm.TSM
	BankDB   store.Store
	TSMDB    store.Store
	Steps    []wallet.Step
	Keys     *KeyRing      // the element's
	Element  *ElementStore // its state
	// Link is the TSM's line to the bank.
	Link *Server
	// Others are parties of the same CA that have no part in a run: a second bank.
	Others []*pki.Party

	place   func(role string) string
	ca      *pki.CA
	begun   message.Epoch // when the CA certified its first epoch
	process *swtpm.Process
	tpmDir  string
	seed    [tpm.SeedSize]byte // of the attestation key
}

// New builds a system, or skips the test where swtpm is missing and not required.
func New(t testing.TB) *System {
	t.Helper()
	return NewAt(t, nil)
}

// NewAt builds a system whose servers have their stores at the places that are asked for by role,
// "bank" or "tsm". Without place they are files in the system's folder.
func NewAt(t testing.TB, place func(role string) string) *System {
	t.Helper()
	s := &System{Dir: t.TempDir(), Now: time.Now, place: place}
	s.Home = s.Dir
	if place == nil {
		s.place = func(role string) string { return filepath.Join(s.Home, role+".db") }
	}
	s.startTPM(t)
	s.startCard(t)
	s.startBackend(t)
	return s
}

func (s *System) startTPM(t testing.TB) {
	t.Helper()
	s.tpmDir, s.seed = swtpmtest.Dir(t), [tpm.SeedSize]byte{1}
	s.Program, s.List = filepath.Join(s.Dir, "wallet-program"), filepath.Join(s.Dir, "measurements")
	check(t, os.WriteFile(s.Program, []byte("the wallet's executable"), 0o600))
	entry, err := tpm.MeasureFile(s.Program)
	check(t, err)
	s.Released = func(digest [32]byte) bool { return digest == entry.Digest }
	s.powerTPM(t)
	_, roots, err := s.process.EKRoots()
	check(t, err)
	s.Bank = &bank.Bank{Config: bank.Config{EKRoots: roots}}
}

// powerTPM starts the TPM with an empty list, starts the wallet's program as a starter does, and
// makes the attestation key.
func (s *System) powerTPM(t testing.TB) {
	t.Helper()
	s.process = swtpmtest.StartIn(t, s.tpmDir)
	device, err := tpm.Open(context.Background(), "unix:"+s.process.Socket())
	check(t, err)
	t.Cleanup(func() { _ = device.Close() })
	s.TPM = device
	check(t, os.RemoveAll(s.List))
	s.Start(t, s.Program)
	s.Phone, err = wallet.NewPhone(t.Context(), s.TPM, s.seed, s.List)
	check(t, err)
}

// Start does what happens when a program is started: it is measured into PCR 10 and PCR 23.
func (s *System) Start(t testing.TB, program string) {
	t.Helper()
	entry, err := tpm.MeasureFile(program)
	check(t, err)
	check(t, starter.Machine{TPM: s.TPM, List: s.List}.Start(t.Context(), entry))
}

// Release is the release of the wallet's program, under policy local.
func (s *System) Release() wallet.Release {
	return wallet.Release{
		Software: Software, Version: "1", Program: s.Program,
		Released: func(digest [32]byte) bool { return s.Released(digest) },
	}
}

// Another returns the system of another user: another element, attestation key and wallet with the
// same TPM, bank and TSM.
func (s *System) Another(t testing.TB) *System {
	t.Helper()
	other := *s
	other.Dir, other.Steps = t.TempDir(), nil
	other.startCard(t)
	var err error
	other.seed = [tpm.SeedSize]byte{2}
	other.Phone, err = wallet.NewPhone(t.Context(), s.TPM, other.seed, s.List)
	check(t, err)
	return &other
}

func (s *System) startCard(t testing.TB) {
	t.Helper()
	var err error
	s.Keys = &KeyRing{make(map[message.PublicKey]*ecdh.PrivateKey)}
	s.Element = &ElementStore{}
	s.Card, err = emulator.New(emulator.Config{Keys: s.Keys, Store: s.Element})
	check(t, err)
	s.Session = pcsc.NewSession(pcsc.NewDirect(s.Card))
}

func (s *System) startBackend(t testing.TB) {
	t.Helper()
	keys := filepath.Join(s.Dir, "pki")
	_, err := pki.Init(keys, pki.Config{Banks: 2})
	check(t, err)
	ca, err := pki.OpenCA(filepath.Join(keys, "ca"), s.clock)
	check(t, err)
	s.Desk, s.ca = pki.NewDesk(ca), ca
	s.begun = message.EpochAt(s.Now())
	bankParty, bankCerts := open(t, filepath.Join(keys, "bank-a"))
	tsmParty, tsmCerts := open(t, filepath.Join(keys, "tsm"))
	authority, err := bankParty.Authority()
	check(t, err)
	other, _ := open(t, filepath.Join(keys, "bank-b"))
	s.Others = []*pki.Party{other}
	s.Link = s.BankFor(tsmParty.ID)
	s.Consent = s.BankFor(message.PartyID{})
	s.BankDB = s.openStore(t, "bank", bankParty.ID.String(), bank.Migrations())
	s.TSMDB = s.openStore(t, "tsm", tsmParty.ID.String(), tsm.Migrations())
	s.Bank, err = bank.New(t.Context(), bank.Config{
		ID: bankParty.ID, SignKey: bankParty.Sign.Reveal(), KEMKey: bankParty.KEM.Reveal(),
		Sign: bankCerts.Sign, KEM: bankCerts.KEM, CA: authority.ID, CAKey: authority.Sign,
		TSMs:    map[message.PartyID]message.PublicKey{tsmParty.ID: tsmCerts.Sign.Key},
		EKRoots: s.Bank.EKRoots, Released: func(d [32]byte) bool { return s.Released(d) },
		Revoked:  func(d [32]byte) bool { return s.Revoked != nil && s.Revoked(d) },
		Software: Software, PCRs: []int{wallet.MeasuredPCR},
		Limits: []money.Amount{money.Must("EUR:50.00"), money.Must("EUR:100.00")},
		DB:     s.BankDB, Now: s.clock,
	})
	check(t, err)
	s.TSM, err = tsm.New(t.Context(), tsm.Config{
		ID: tsmParty.ID, SignKey: tsmParty.Sign.Reveal(), KEMKey: tsmParty.KEM.Reveal(),
		EpochKey: tsmCerts.EpochKey.Reveal(), Sign: tsmCerts.Sign, KEM: tsmCerts.KEM,
		Epoch: tsmCerts.Epoch, CAKey: authority.Sign, CardLimit: money.Must("EUR:40.00"),
		Limits: []money.Amount{money.Must("EUR:50.00"), money.Must("EUR:100.00")},
		DB:     s.TSMDB, Now: s.clock,
		Banks: map[message.PartyID]tsm.Bank{
			bankParty.ID: {Key: bankCerts.Sign.Key, Caller: s.Link},
		},
	})
	check(t, err)
}

// clock is the servers' clock; tests replace Now.
func (s *System) clock() time.Time { return s.Now() }

func open(t testing.TB, dir string) (*pki.Party, pki.Compact) {
	t.Helper()
	party, err := pki.OpenParty(dir, nil)
	check(t, err)
	compact, err := party.OpenCompact(dir)
	check(t, err)
	return party, compact
}

func (s *System) openStore(t testing.TB, role, party string, migrations []string) store.Store {
	t.Helper()
	// Not the test's context, which ends before its clean-up runs.
	db, err := store.Open(context.Background(), store.Config{
		Path: s.place(role), Role: role, Party: party, Migrations: migrations,
	})
	check(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// NewWallet returns a wallet over the system's element, with a folder of its own.
func (s *System) NewWallet(t testing.TB) *wallet.Wallet {
	t.Helper()
	w, err := wallet.New(wallet.Config{
		Folder: wallet.Folder(filepath.Join(s.Dir, "wallet")), SE: applet.NewClient(s.Session),
		Attester: s.attester(), Desk: s.Desk, Software: Software,
		Now:     s.clock,
		Epochs:  s.Epochs,
		Started: s.Started,
		Consent: func(message.PartyID) (wallet.Caller, error) {
			return s.Consent, nil
		},
		Observe: func(step wallet.Step) { s.Steps = append(s.Steps, step) },
	})
	check(t, err)
	return w
}

// Epochs returns the CA's word for each epoch since the system was made.
func (s *System) Epochs() (all []message.EpochCertificate, err error) {
	for e := s.begun; e <= message.EpochAt(s.Now()); e++ {
		c, err := s.ca.IssueEpoch(e)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (s *System) attester() wallet.Attester {
	if s.Attester != nil {
		return s.Attester
	}
	return s.Phone
}

// Server calls handlers directly, over JSON, as the network would carry it.
type Server struct {
	call func(ctx context.Context, path string, request []byte) (any, error)
	// Change, if set, may alter a request on its way, or fail the call before it is carried out.
	Change func(path string, request []byte) ([]byte, error)
	// Answer, if set, may alter an answer on its way, or lose it.
	Answer func(path string, answer []byte) ([]byte, error)
}

// Post implements wallet.Caller.
func (s *Server) Post(ctx context.Context, path string, request, answer any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if s.Change != nil {
		if raw, err = s.Change(path, raw); err != nil {
			return err
		}
	}
	if raw, err = s.Call(ctx, path, raw); err != nil {
		return err
	}
	if s.Answer != nil {
		if raw, err = s.Answer(path, raw); err != nil {
			return err
		}
	}
	return json.Unmarshal(raw, answer)
}

// Call carries out a request as it is, past Change and Answer.
func (s *Server) Call(ctx context.Context, path string, request []byte) ([]byte, error) {
	got, err := s.call(ctx, path, request)
	if err != nil {
		return nil, err
	}
	return json.Marshal(got)
}

// handle decodes a request and calls a handler.
func handle[Q, A any](
	ctx context.Context, raw []byte, f func(context.Context, Q) (A, error),
) (any, error) {
	var request Q
	if err := json.Unmarshal(raw, &request); err != nil {
		return nil, err
	}
	return f(ctx, request)
}

// BankFor returns the bank as a TSM, or with a zero ID as a wallet, sees it.
func (s *System) BankFor(peer message.PartyID) *Server { return bankServer(&s.Bank, peer) }

func bankServer(at **bank.Bank, peer message.PartyID) *Server {
	return &Server{call: func(ctx context.Context, path string, raw []byte) (any, error) {
		b := *at
		switch path {
		case api.PathInfo:
			return handle(ctx, raw, b.Info)
		case api.PathOpen:
			return handle(ctx, raw, b.Open)
		case api.PathActivate:
			return handle(ctx, raw, b.Activate)
		case api.PathAID:
			return handle(ctx, raw, b.AIDRequest)
		case api.PathAIDKeys:
			return handle(ctx, raw, b.AIDKeys)
		case api.PathAIDClose:
			return handle(ctx, raw, b.Close)
		case api.PathPhoneNonce:
			return handle(ctx, raw, b.PhoneNonce)
		case api.PathReference:
			return handle(ctx, raw, b.Reference)
		case api.PathConsent:
			return handle(ctx, raw, b.Consent)
		case api.PathNonce:
			return handle(ctx, raw, func(ctx context.Context, q api.NonceRequest) (
				api.NonceResponse, error,
			) {
				return b.Nonce(ctx, peer, q)
			})
		case api.PathFund:
			return handle(ctx, raw, func(ctx context.Context, q api.FundRequest) (
				api.FundResponse, error,
			) {
				return b.Fund(ctx, peer, q)
			})
		case api.PathDraw:
			return handle(ctx, raw, func(ctx context.Context, q api.DrawRequest) (
				api.DrawResponse, error,
			) {
				return b.Draw(ctx, peer, q)
			})
		case api.PathReturn:
			return handle(ctx, raw, func(ctx context.Context, q api.ReturnRequest) (
				api.ReturnResponse, error,
			) {
				return b.Return(ctx, peer, q)
			})
		}
		return nil, fmt.Errorf("no path %s", path)
	}}
}

// TSMServer returns the TSM as a wallet sees it.
func (s *System) TSMServer() *Server {
	return &Server{call: func(ctx context.Context, path string, raw []byte) (any, error) {
		t := s.TSM
		switch path {
		case api.PathInfo:
			return handle(ctx, raw, t.Info)
		case api.PathHello:
			return handle(ctx, raw, t.Hello)
		case api.PathRegister:
			return handle(ctx, raw, t.Register)
		case api.PathTIDFund:
			return handle(ctx, raw, t.Fund)
		case api.PathCard:
			return handle(ctx, raw, t.Card)
		case api.PathToken:
			return handle(ctx, raw, t.Token)
		case api.PathTokenClose:
			return handle(ctx, raw, t.CloseToken)
		case api.PathTIDClose:
			return handle(ctx, raw, t.Close)
		}
		return nil, fmt.Errorf("no path %s", path)
	}}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
