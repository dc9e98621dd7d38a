package cli

import (
	"context"
	"fmt"
	"os"

	"tapbench/backend/bank"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// openStore opens the store of a bank or a TSM: a file, which is made if it isn't there, or a
// PostgreSQL database's URL.
func openStore(ctx context.Context, place string, p *pki.Party) (store.Store, error) {
	migrations := bank.Migrations()
	if p.Role == pki.RoleTSM {
		migrations = tsm.Migrations()
	}
	return store.Open(ctx, store.Config{
		Path: place, Role: string(p.Role), Party: p.ID.String(), Migrations: migrations,
	})
}

// openOldStore opens a store that has to be there.
func openOldStore(ctx context.Context, place string, p *pki.Party) (store.Store, error) {
	if !store.IsPostgres(place) {
		if _, err := os.Stat(place); err != nil {
			return nil, fmt.Errorf("opening the store: %w", err)
		}
	}
	return openStore(ctx, place, p)
}
