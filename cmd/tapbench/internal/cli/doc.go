// Package cli is the command tree of tapbench. Each group of commands is a package of its own: it
// reads flags, wires devices, servers and rooms together, and prints. A group imports shell, which
// all of them share, packages named after a thing that several need (device, testbed, parties,
// offer, phone, pos, verdict, lookback), and the rooms; it never imports another group.
//
// The demo and measure, which run the whole system in one process, are here.
package cli
