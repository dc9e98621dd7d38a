// Package jcardsim runs the Java Card applet (applet/javacard) on jCardSim in a Java virtual
// machine of its own, and offers its cards as processors. Machine and caller speak over one pipe;
// the machine ends with it.
package jcardsim
