// Package terminal is a merchant's point of sale: it waits for a card, takes a payment with the
// kernel, has it authorised by the TSM over ISO 8583, and gives a receipt.
//
//	pos, err := terminal.Open(terminal.Config{…})
//	receipt, err := pos.Pay(ctx, amount)          // waits for a card
//	receipt, err = pos.Refund(ctx, rrn, amount)   // of a payment, or a part of it
//	receipt, err = pos.Void(ctx)                  // the day's last payment
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
// The terminal learns a card's PAN and never prints, logs or keeps it: receipts show the last four
// digits. A POS belongs to one goroutine.
//
// Sources: ISO 8583:1987 (messages); EMV 4.3 Book 4, 12.2.3 (reversals).
package terminal
