// Package terminal is a merchant's point of sale: it waits for a card, takes a payment with the
// kernel, has it authorised by the TSM over ISO 8583, and gives a receipt.
//
//	pos, err := terminal.Open(terminal.Config{…})
//	receipt, err := pos.Pay(ctx, amount)          // waits for a card
//	receipt, err = pos.Refund(ctx, rrn, amount)   // of a payment, or a part of it
//	receipt, err = pos.Void(ctx)                  // the day's last payment
//	receipt, err = pos.Meter(ctx, meter)          // by the tick, without the TSM
//	day, err := pos.CloseDay(ctx)
//
// A payment ends in one of these ways:
//   - a [Receipt] that says approved: the merchant is paid;
//   - a [Receipt] that says declined, and why: nothing was booked, or it was taken back;
//   - an error without [ErrReversalPending]: the same;
//   - [ErrReversalPending]: the payment may be booked. It is in the journal, and reversed before
//     the next one, or by [POS.Recover].
//
// A refund and the close of a day end with a receipt or report, with an error that says that
// nothing was done, or with [ErrUnanswered]: then they are asked for again, as the same ones,
// before anything else.
//
// The order that makes this hold in spite of power cuts: the journal has the payment before the TSM
// is asked; its receipt is kept before the journal counts it; the journal forgets the payment, in
// the commit that counts it, when card, terminal and TSM agree on its end, or when the TSM has
// confirmed the reversal; a receipt is given after that. So a payment is reversed that was approved
// and has no receipt, every reversal is carried out once, however often it is sent, and the totals
// of the day are those of what has ended.
//
// Without the TSM ([Config.Offline]) a payment is one by token. Whether the TSM is there is asked
// before the tap. The claim is in the journal before the card gets its receipt, and before that
// nothing is approved; once it is, the payment stands, and the TSM pays it at the next settlement.
// A tap that breaks off within is waited for again on the same terms. [POS.Restored] is the receipt
// that an earlier run couldn't give. Package settle has the claims paid; days and refunds don't
// know them. docs/offline.md says what happens when.
//
// The terminal learns a card's PAN and never prints, logs or keeps it: receipts show the last four
// digits. A POS belongs to one goroutine.
//
// The room's other packages:
//
//   - kernel: one payment between card and issuer, online, or by token, offline; kernel/rules are
//     EMV's restrictions, cardholder verification, risk management and action analysis;
//     kernel/general takes payments from any EMV card, kernel/general/carddata keeps what the
//     card has said, kernel/general/outcome is what the payment has come to; kernel/entry finds the
//     application, kernel/explain says why a payment ended so; kernel/relay judges how far away a
//     card is; kernel/clause names where the books say it; parameters are what such a terminal
//     knows.
//   - offline: how a merchant judges a token alone; denied keeps the deny list for it.
//   - claims: the journal of what was taken offline; settle brings it to the TSM.
//   - journal, archive: what a power cut must not lose of online payments, and receipts.
//   - shop: a terminal at work. replay: recorded taps, put to our terminal.
//
// Sources: ISO 8583:1987 (messages); EMV 4.3 Book 4, 12.2.3 (reversals).
package terminal
