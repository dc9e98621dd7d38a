package starter

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// exclusively runs act while nobody else starts a program or quotes one.
func (m Machine) exclusively(act func() error) error { return m.locked(true, act) }

// Quoting runs act while nobody starts a program: PCR 23 isn't between its reset and its extension.
func (m Machine) Quoting(act func() error) error { return m.locked(false, act) }

// locked runs act with the lock beside the list. Where no list is kept there is none.
func (m Machine) locked(alone bool, act func() error) (err error) {
	if m.List == "" || strings.HasPrefix(m.List, kernelLists) {
		return act()
	}
	lock, err := os.OpenFile(m.List+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("locking %s: %w", m.List, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }() // which frees it
	if err := wait(lock, alone); err != nil {
		return fmt.Errorf("locking %s: %w", m.List, err)
	}
	return act()
}
