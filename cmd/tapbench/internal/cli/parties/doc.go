// Package parties is the parties of a bench as their folders hold them: their keys, whom they know
// by name, and their stores.
package parties
