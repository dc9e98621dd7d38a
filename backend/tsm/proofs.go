package tsm

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/store"
)

// Proof is what proves that an account's element has spent units twice.
type Proof struct {
	Account  message.TID
	Evidence doublespend.Evidence
}

// Proofs returns all evidence of double spending that the TSM has, each piece once, in the order of
// accounts and tokens.
func Proofs(ctx context.Context, tx store.Tx) ([]Proof, error) {
	var all []Proof
	seen := map[message.Hash]bool{}
	err := eachRow(ctx, tx, `SELECT tid, evidence FROM frozen
		UNION SELECT tokens.tid, doublespends.evidence FROM doublespends
			JOIN tokens ON tokens.tokid = doublespends.tokid
		ORDER BY 1, 2`,
		func(scan func(...any) error) error {
			var tid, raw []byte
			if err := scan(&tid, &raw); err != nil {
				return err
			}
			e, err := doublespend.Decode(raw)
			if err != nil {
				return fmt.Errorf("account %x: %w", tid, err)
			}
			if sum := e.Sum(); !seen[sum] {
				seen[sum] = true
				all = append(all, Proof{message.TID(tid), e})
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading evidence of double spending: %w", err)
	}
	return all, nil
}
