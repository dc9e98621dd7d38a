// Package cli is the command tree of tapbench: it reads flags, wires devices, servers and rooms
// together, and prints. Each file holds one group of commands.
//
// Results go to standard output, progress and logs to standard error. With --json the result is
// one JSON object. An error is one line that says what happened, and a second one that says what
// to do where there is something to do; exit codes are in exit.go.
package cli
