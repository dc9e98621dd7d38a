// Package replay puts the recorded taps of a trace to our terminal: does it still ask so?
//
//	report, err := replay.Run(ctx, steps, replay.Config{CA: ca, EpochKeys: certs})
//	for _, tap := range report.Taps {
//		if d := tap.Difference; d != nil {
//			fmt.Println(d.Line, d.Name, d.What)
//		}
//	}
//
// The kernel of package kernel takes the payment again, from a trace.Player that answers as the
// card did then. What a terminal draws or is told comes from the recorded commands, by their tags:
// unpredictable number 9F37, entropies, date 9A, amount 9F02 and currency 5F2A, merchant 9F16,
// country 9F1A. The clock goes as the recorded terminal's must have: it asked again if an answer to
// EXCHANGE RELAY RESISTANCE DATA was late. What the issuer answered stands in the second GENERATE
// AC: response code 8A and issuer authentication data 91; the type of cryptogram that it asks for
// says whether the issuer approved.
//
// # What is compared
//
// Every command of a tap, byte for byte, in its order, up to the first difference; bytes that the
// trace marks as varying, as stand-ins or as absent match any. Commands that the terminal doesn't
// send any more are a difference, too. What isn't compared: times, resets, what a wallet said to
// the card outside of taps, and whether the kernel's outcome is the one that was shown then: it
// follows from the same answers by the same rules.
//
// # Signatures
//
// With [Config.EpochKeys] the kernel verifies the card as it would at a till. A recording of a card
// of another bench, or one with stand-ins, then differs where the kernel doesn't believe the card:
// see [Tap.StandIns]. Without them the kernel believes what the recorded terminal believed: card
// key DF20 and the signatures DF22 and DF23 are made anew for keys of this run before the kernel
// sees them. They are signatures over what the trace holds, so everything else is checked as ever.
//
// The package has no clock and no connection. A tap has at most 1,024 steps.
package replay
