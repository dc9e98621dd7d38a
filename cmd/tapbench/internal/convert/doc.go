// Package convert turns dialogues with cards from one form into another. Every form that can be
// read is a [Source] of a trace's steps, every form that can be written a [Sink] for them, so that
// each goes through the trace grammar and needs to be known only once.
package convert
