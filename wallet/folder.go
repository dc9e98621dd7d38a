package wallet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tapbench/applet/statefile/bound"
	"tapbench/backend/api"
)

// What can be wrong with a wallet's folder.
var (
	// ErrNoWallet means that the folder holds no wallet yet. Run "wallet open".
	ErrNoWallet = errors.New("no wallet here")
	// ErrForeignWallet means that the file isn't a wallet's, or of another version. It was left
	// alone; name another folder.
	ErrForeignWallet = errors.New("not a wallet of this version")
)

const (
	stateFile    = "wallet.json"
	stateVersion = 1
	maxStateFile = 1 << 20
)

// State is what the wallet remembers. It holds no key but the pairing key.
type State struct {
	Version int    `json:"tapbench_wallet"`
	User    string `json:"user"`
	Pairing []byte `json:"pairing_key"`
	// UserCertificate is PK_U's, UserKey the element's signature that it rests on.
	UserCertificate []byte        `json:"user_certificate,omitempty"`
	UserKey         []byte        `json:"user_key,omitempty"`
	Banks           []BankAccount `json:"banks"`
	TIDs            []TSMAccount  `json:"tsm_accounts"`
	Books           Books         `json:"books,omitzero"`
	Installed       Installed     `json:"installed,omitzero"`
}

// BankAccount is one bank slot as the host sees it.
type BankAccount struct {
	Slot    byte   `json:"slot"`
	Bank    string `json:"bank"`
	KEM     []byte `json:"bank_kem_key"`
	Sign    []byte `json:"account_key"` // PK_AID,sig, which the evidence names
	Limit   uint64 `json:"limit_minor"`
	Expiry  uint32 `json:"expiry_epoch"`
	Granted bool   `json:"granted"`
	// Account is the bank account ID, Limits what its bank had published when it was asked for.
	Account []byte   `json:"account,omitempty"`
	Limits  []uint64 `json:"bank_limits_minor,omitempty"`
	// Closing says that the user gives the bank account ID up and the bank may not know yet, Renewing
	// that the wallet is getting a new one.
	Closing  bool `json:"closing,omitempty"`
	Renewing bool `json:"renewing,omitempty"`
	// Open is the request that opens the account, kept from before it is sent until the account is
	// open: it alone belongs to the key that the element has agreed.
	Open *api.OpenRequest `json:"open_request,omitempty"`
	// Opened says that the account is open.
	Opened bool `json:"opened"`
	// Keys is the request that gets the bank account ID, kept from before it is sent until the
	// element has the answer: the bank may have opened it already.
	Keys *api.AIDKeysRequest `json:"keys_request,omitempty"`
}

// TSMAccount is one TSM account slot as the host sees it.
type TSMAccount struct {
	Slot   byte   `json:"slot"`
	Bank   string `json:"bank"`
	Run    []byte `json:"run"`
	Limit  uint64 `json:"limit_minor"`
	Expiry uint32 `json:"expiry_epoch"`
	Active bool   `json:"active"`
	// Epoch is the last epoch that the element was told of for this account; 0: none.
	Epoch uint32 `json:"told_epoch,omitempty"`
	// Spent is the most that taps may have taken from it.
	Spent uint64 `json:"spent_at_most_minor,omitempty"`
	// Closing says that the user gives the account up and the TSM may not know yet.
	Closing bool `json:"closing,omitempty"`
	// Fund is the request that funds the account, kept from before it is sent until the element has
	// the TSM's answer: the bank may have moved the limit already.
	Fund *api.TIDFundRequest `json:"fund_request,omitempty"`
}

// Folder is where a wallet keeps its state.
type Folder string

// Load reads the state. It returns [ErrNoWallet], [ErrForeignWallet] or [bound.ErrBound].
func (f Folder) Load() (State, error) {
	raw, err := f.read()
	if err != nil {
		return State{}, err
	}
	if _, isBound := bound.Peek(raw); isBound {
		return State{}, fmt.Errorf("opening the wallet: %w: %s", bound.ErrBound, f)
	}
	return f.decode(raw)
}

// read reads the file, of whatever is in it.
func (f Folder) read() ([]byte, error) {
	path := filepath.Join(string(f), stateFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoWallet, f)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the wallet: %w", err)
	}
	if info.Size() > maxStateFile {
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrForeignWallet, path, info.Size())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the wallet: %w", err)
	}
	return raw, nil
}

func (f Folder) decode(raw []byte) (State, error) {
	var s State
	if err := json.Unmarshal(raw, &s); err != nil || s.Version != stateVersion {
		return State{}, fmt.Errorf("%w: %s", ErrForeignWallet, filepath.Join(string(f), stateFile))
	}
	return s, nil
}

func encode(s State) ([]byte, error) {
	s.Version = stateVersion
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("saving the wallet: %w", err)
	}
	return append(raw, '\n'), nil
}

// Save writes the state whole or not at all, readable by its owner only. It returns
// [bound.ErrBound] where the state that it would replace is bound.
func (f Folder) Save(s State) error {
	raw, err := encode(s)
	if err != nil {
		return err
	}
	switch isBound, err := f.IsBound(); {
	case err != nil:
		return err
	case isBound:
		return fmt.Errorf("saving the wallet: %w: %s", bound.ErrBound, f)
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return fmt.Errorf("saving the wallet: %w", err)
	}
	return f.write(raw)
}

func (f Folder) write(raw []byte) (err error) {
	file, err := os.CreateTemp(string(f), stateFile+".new-*")
	if err != nil {
		return fmt.Errorf("saving the wallet: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("saving the wallet: %w", err), os.Remove(file.Name()))
		}
	}()
	if _, err = file.Write(raw); err != nil {
		return errors.Join(err, file.Close())
	}
	if err = file.Sync(); err != nil {
		return errors.Join(err, file.Close())
	}
	if err = file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(string(f), stateFile))
}
