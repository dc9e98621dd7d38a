// Package cardreport is what a run of "tapbench card check" leaves for others: which kind of card
// on which kind of reader, what the applet found there, how long its commands took, and which cases
// passed. It makes the README's matrix of cards and readers of such files.
//
// A report identifies nobody: it has no key, certificate, UID or serial number of a reader, and
// nothing of what a card answered but answer to reset, which names its kind, and capability.
// Every text in it is of a closed form, so that neither card nor reader can put one there:
// [Report.Check] refuses all else, when a report is written and when one is read. The members are
// described in docs/card-report.md.
package cardreport
