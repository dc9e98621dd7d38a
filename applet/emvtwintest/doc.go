// Package emvtwintest compares the two contactless EMV cards, package emvcard and the Java Card
// applet on jCardSim, command by command: the answer's bytes, and what is counted.
//
// [Twins] are personalised by STORE DATA as one card is. Both have the same RSA key, since the Go
// card takes the one that the Java Card has made, and draw the same numbers in each command (the
// streams of applet/javacard/tearing).
package emvtwintest
