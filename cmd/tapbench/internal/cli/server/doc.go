// Package server is "tapbench bank" and "tapbench tsm": the two kinds of server, and what can be
// asked of their stores.
package server
