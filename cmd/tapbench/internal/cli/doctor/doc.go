// Package doctor is "tapbench doctor": what would stop a tap on this machine, and what mends it.
package doctor
