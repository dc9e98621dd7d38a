// Command gen writes what is derived from the wire registry: the Java Card constants
// (applet/javacard/src/main/java/tapbench/Wire.java), the tables of applet/PROTOCOL.md between
// their marks, and the message types as the symbolic models have them
// (testdata/models/wire.pvl). `go generate ./applet/wire` runs it; a test compares without writing.
//
// It reads the const declarations of package wire with the Go type checker, so a constant may be
// computed from others. Names map mechanically: InsGetChallenge becomes INS_GET_CHALLENGE.
package main
