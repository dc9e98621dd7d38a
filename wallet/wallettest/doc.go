// Package wallettest builds a whole system in one process for tests: an emulated element, a real
// swtpm, a bank, a TSM and a wallet, without pcscd and without HTTPS. Only hardware and the network
// are left out: every message is really signed, sealed and checked, every store is SQLite.
package wallettest
