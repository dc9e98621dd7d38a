package ledger_test

import (
	"context"
	"fmt"

	"tapbench/backend/ledger"
	"tapbench/backend/ledger/ledgertest"
	"tapbench/backend/money"
)

// A bank takes a deposit, reserves part of it for a TSM, and posts the reservation.
func Example() {
	ctx := context.Background()
	err := ledgertest.NewMemory().Update(ctx, func(book ledger.Book) error {
		for _, a := range []ledger.Account{
			{ID: "cash", Kind: ledger.Asset, Currency: money.EUR},
			{ID: "customer/anna", Kind: ledger.Liability, Currency: money.EUR},
			{ID: "escrow/tsm", Kind: ledger.Liability, Currency: money.EUR},
		} {
			if err := ledger.Open(ctx, book, a); err != nil {
				return err
			}
		}
		deposit := ledger.Transfer{
			ID: ledger.NewTransferID([]byte("deposit 1")), Debit: "cash", Credit: "customer/anna",
			Amount: money.Must("EUR:100.00"), Reason: "deposit",
		}
		reservation := ledger.Transfer{
			ID: ledger.NewTransferID([]byte("run 1")), Debit: "customer/anna", Credit: "escrow/tsm",
			Amount: money.Must("EUR:60.00"), Pending: true, Reason: "reserve",
		}
		for _, t := range []ledger.Transfer{deposit, reservation} {
			if _, err := ledger.Execute(ctx, book, t); err != nil {
				return err
			}
		}
		anna, err := book.Account(ctx, "customer/anna")
		if err != nil {
			return err
		}
		fmt.Println("balance", anna.Balance(), "available", anna.Available())

		record, err := ledger.Post(ctx, book, reservation.ID)
		fmt.Println(record.Amount, record.State)
		return err
	})
	fmt.Println(err)
	// Output:
	// balance 10000 available 4000
	// EUR:60.00 posted
	// <nil>
}
