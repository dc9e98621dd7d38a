package parties

import (
	"context"
	"fmt"
	"os"

	"tapbench/backend/bank"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// OpenStore opens the store of a bank or a TSM: a file, which is made if it isn't there, or a
// PostgreSQL database's URL.
func OpenStore(ctx context.Context, place string, p *pki.Party) (store.Store, error) {
	migrations := bank.Migrations()
	if p.Role == pki.RoleTSM {
		migrations = tsm.Migrations()
	}
	return store.Open(ctx, store.Config{
		Path: place, Role: string(p.Role), Party: p.ID.String(), Migrations: migrations,
	})
}

// OpenOldStore opens a store that has to be there.
func OpenOldStore(ctx context.Context, place string, p *pki.Party) (store.Store, error) {
	if !store.IsPostgres(place) {
		if _, err := os.Stat(place); err != nil {
			return nil, fmt.Errorf("opening the store: %w", err)
		}
	}
	return OpenStore(ctx, place, p)
}
