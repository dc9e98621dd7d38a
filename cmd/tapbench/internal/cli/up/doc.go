// Package up is "tapbench up": a test bed for one command, or until it is interrupted.
package up
