// Package offer lays a secure element on a virtual reader: the anonymous one, emulated or the Java
// Card applet, or an EMV card of a profile. A command or a bed offers it.
package offer
