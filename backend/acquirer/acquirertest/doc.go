// Package acquirertest runs the issuer's side of the acquirer's face in tests.
package acquirertest
