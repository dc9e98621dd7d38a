// Package phone is the user's phone as commands drive it: a wallet with its element, its TPM and
// the servers that it knows, started as a phone starts a wallet, and what it does for its user.
package phone
