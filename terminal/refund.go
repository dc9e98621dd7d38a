package terminal

import (
	"context"
	"fmt"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// Refund gives a payment back, by its reference number, or a part of it; an amount of zero stands
// for all that is left. No card is needed. It ends with a receipt that says approved or declined,
// an error that says that nothing was booked, or [ErrUnanswered]. Whoever repeats a refund that was
// unanswered gets that one's receipt: it isn't carried out twice.
func (p *POS) Refund(ctx context.Context, rrn string, amount money.Amount) (Receipt, error) {
	done, err := p.Recover(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if done.Refund != nil && done.Refund.Answers(rrn, amount) {
		return *done.Refund, nil
	}
	paid, refunded, err := p.Find(rrn)
	if err != nil {
		return Receipt{}, err
	}
	left := paid.Amount.Minor() - refunded
	if amount.IsZero() && left > 0 {
		if amount, err = money.New(left, paid.Amount.Currency()); err != nil {
			return Receipt{}, err
		}
	}
	if !paid.stands() || amount.Minor() > left || left <= 0 ||
		amount.Currency() != paid.Amount.Currency() {
		return Receipt{}, fmt.Errorf("%w: payment %s of %s, %s; %d given back before, in minor units",
			ErrNotRefundable, rrn, paid.Amount, paid.state(), refunded)
	}
	payment, err := paid.payment()
	if err != nil {
		return Receipt{}, err
	}
	now := p.config.Now()
	r, err := p.config.Journal.BeginRefund(func(stan uint32) journal.Refund {
		// The payment's merchant and terminal, should this terminal have been renamed since.
		k := payment.Key
		k.STAN, k.Sent = stan, acquirer.NewStamp(now)
		return journal.Refund{Key: k, Payment: payment, Amount: amount}
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("refunding: %w", err)
	}
	return p.askRefund(ctx, r, true)
}

// Answers reports whether r is the receipt of a refund that is now asked for once more, because its
// answer was late: of that payment and amount. An amount of zero stands for all that was left.
func (r Receipt) Answers(rrn string, amount money.Amount) bool {
	return r.Kind == KindRefund && r.Original == rrn && (amount.IsZero() || amount == r.Amount)
}

// state says in a word what became of a payment.
func (r Receipt) state() string {
	if r.Reversed {
		return "taken back"
	}
	return r.Result.String()
}

// askRefund asks the TSM for a refund that the journal has, and ends it there. The first time that
// it is asked for it can turn out that it was never sent.
func (p *POS) askRefund(ctx context.Context, r journal.Refund, first bool) (Receipt, error) {
	answer, err := p.config.Acquirer.Refund(ctx, acquirer.RefundRequest{
		Key: r.Key, Original: r.Payment.Key, RRN: r.Payment.RRN, Amount: r.Amount,
	})
	if err == nil && answer.Code.Uncertain() {
		err = fmt.Errorf("the TSM answers %s (%s)", string(answer.Code), answer.Code)
	}
	if err != nil {
		if first && acquirer.NothingBooked(err) && p.config.Journal.EndRefund(false) == nil {
			return Receipt{}, err
		}
		return Receipt{}, fmt.Errorf("refund: %w: %w", ErrUnanswered, err)
	}
	receipt := Receipt{
		Kind: KindRefund, Result: kernel.Approved, Code: string(answer.Code), Amount: r.Amount,
		Time: p.config.Now(), Merchant: r.Key.Merchant.String(), Terminal: r.Key.Terminal.String(),
		STAN: r.Key.STAN, Sent: r.Key.Sent, RRN: answer.RRN, Original: r.Payment.RRN,
	}
	if !answer.Code.Approved() {
		receipt.Result = kernel.Declined
		receipt.Reason = kernel.ByIssuer.String() + ": " + answer.Code.String()
	} else if err := p.save(receipt); err != nil {
		return receipt, fmt.Errorf("refund: %w: %w", ErrUnanswered, err)
	}
	if err := p.config.Journal.EndRefund(answer.Code.Approved()); err != nil {
		return receipt, fmt.Errorf("refund: %w: %w", ErrUnanswered, err)
	}
	p.log(receipt, nil)
	return receipt, nil
}
