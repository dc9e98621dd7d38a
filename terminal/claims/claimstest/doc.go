// Package claimstest is a disk on which power fails in the middle of a write, for the tests of what
// keeps claims.
package claimstest
