package jcardsim

import "errors"

// The failures.
var (
	// ErrNotBuilt means that a folder doesn't hold the compiled applet. Run scripts/applet.sh.
	ErrNotBuilt = errors.New("the applet isn't built")
	// ErrNoJava means that there is no Java virtual machine. Install one.
	ErrNoJava = errors.New("there is no Java")
	// ErrOldJava means that there is one, which is too old for the applet's classes. Install
	// another one, or put it first in PATH.
	ErrOldJava = errors.New("this Java is too old")
	// ErrMachine means that the Java virtual machine doesn't answer any more: it was killed, ended
	// by itself, or said something that it never says. Its cards have lost their power; the next
	// PowerOn or Reset of one of them starts it again.
	ErrMachine = errors.New("the Java virtual machine doesn't answer")
	// ErrName means that a card was to be made with a name that none can have.
	ErrName = errors.New("not the name of an application")
	// ErrClosed means that the machine was closed by its owner.
	ErrClosed = errors.New("the Java virtual machine was closed")
)
