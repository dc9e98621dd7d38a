// Command gen writes what is derived from the wire registry: the Java Card constants
// (applet/javacard/src/main/java/tapbench/Wire.java) and the tables of applet/PROTOCOL.md between
// their marks. `go generate ./applet/wire` runs it; a test compares without writing.
//
// It reads the const declarations of package wire with the Go type checker, so a constant may be
// computed from others. Names map mechanically: InsGetChallenge becomes INS_GET_CHALLENGE.
package main
