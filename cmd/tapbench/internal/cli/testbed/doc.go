// Package testbed is the bed that commands stand on: its flags, its start, the environment that
// other programs find it by, and a command that runs on it.
package testbed
