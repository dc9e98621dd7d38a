// Package cardlog writes the log line of a card in memory, the same for every card.
//
//	cardlog.Command(log, command, answer, took)
package cardlog
