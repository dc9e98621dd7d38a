// Package linkage is a merchant who wants to know which of his taps came from the same user. It
// sees what a terminal sees of each tap, the bytes of every answer field by field, and is told, tap
// by tap and after it has guessed, which of two users it was.
//
//	for _, s := range linkage.Judge(taps, users) {
//		fmt.Println(s.Guesser, s.Right, "of", s.Of)
//	}
//	limit := linkage.Limit(len(taps)-linkage.Warmup, 1e-7)
//
// Of offline taps the merchants see more: they may ask a card for offers before they take one, they
// keep tokens and claims, and the TSM answers what becomes of those. All merchants together guess.
//
// The test statistic is the number of right guesses. If nothing in a tap depends on its user, and
// the users come in an order of fair coins, then each guess is right with probability 1/2 whatever
// was guessed before: a guess uses that tap and what came earlier, and its own coin is none of it.
// So the number is binomial, exactly, for every guesser, however clever. [Limit] is the number that
// a guesser by chance exceeds with less than a given probability.
//
// Times on a clock are left out. They are the reader's and the host's as much as the card's, and on
// one processor the order in which the test runs things would be what is measured. In their place
// the work of an offline tap is looked at, as the card's meter counts it.
package linkage
