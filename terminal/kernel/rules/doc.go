// Package rules holds what a terminal decides by the book, step by step, as functions of data: what
// the card's records say, what the terminal is, and the transaction.
//
//	tvr.Join(rules.Restrictions(card, terminal))
//	results, bits, steps := rules.Cardholder(list, terminal.capabilities, payment, ask)
//	tvr.Join(rules.Risk(payment, limits, history, random))
//	action := rules.Action(tvr, card.codes, terminal.codes, online)
//
// Each returns the bits of the TVR that it sets; none of them talks to anybody. What is asked of a
// person, a PIN pad or a card comes in as a function.
//
// Sources: EMV 4.3 Book 3, clauses 10.4 to 10.7, annex C (coding); Book 4, clause 6.3 (how results
// are written down).
package rules
