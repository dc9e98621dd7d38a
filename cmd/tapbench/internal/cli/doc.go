// Package cli is the command tree of tapbench: it reads flags, wires devices, servers and rooms
// together, and prints. Each file holds one group of commands; what all of them share is in shell.
package cli
