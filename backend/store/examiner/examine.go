package examiner

import (
	"context"
	"errors"
	"fmt"

	_ "modernc.org/sqlite" // the driver
)

// Examine reads the stores at some paths and holds them against each other. An error means that it
// couldn't read; what is wrong with what it read is in the report.
func Examine(ctx context.Context, paths []string) (Report, error) {
	var r Report
	var banks []bank
	var services []tsm
	for _, path := range paths {
		if err := examineFile(ctx, path, &r, &banks, &services); err != nil {
			return r, err
		}
	}
	for _, b := range banks {
		r.HandedIn += b.handedIn
		r.put(PlaceCustomer, b.customers)
	}
	compareParties(&r, banks, services)
	for _, t := range services {
		r.put(PlaceAccount, t.accounts)
		r.put(PlaceMerchant, t.merchants)
		r.Payments += t.standing
		r.Reversed += t.reversed
	}
	r.close()
	return r, nil
}

func examineFile(
	ctx context.Context, path string, r *Report, banks *[]bank, services *[]tsm,
) (err error) {
	db, role, party, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	journal, err := readBooks(ctx, db, party, r)
	if err != nil {
		return fmt.Errorf("examining %s: %w", path, err)
	}
	if role == roleBank {
		b := bank{party: party, books: journal}
		if err := b.read(ctx, db, r); err != nil {
			return fmt.Errorf("examining %s: %w", path, err)
		}
		*banks = append(*banks, b)
		return nil
	}
	t := tsm{party: party, books: journal}
	if err := t.read(ctx, db, r); err != nil {
		return fmt.Errorf("examining %s: %w", path, err)
	}
	*services = append(*services, t)
	return nil
}

// compareParties holds what banks have moved against what TSMs have booked.
func compareParties(r *Report, banks []bank, services []tsm) {
	booked := map[string]int{}
	for _, b := range banks {
		for handle, f := range b.fundings {
			if f.returned {
				continue
			}
			t := serviceNamed(services, f.tsm)
			if t == nil {
				r.put(PlaceUnderWay, f.minor)
				continue
			}
			own, ok := t.credits[handle]
			switch {
			case !ok && !t.waits(b.party):
				r.find(b.party+" and "+t.party, "%d were moved under handle %s and never booked",
					f.minor, handle)
			case !ok:
				r.put(PlaceUnderWay, f.minor)
			case own.bank != b.party || own.minor != f.minor:
				r.find(b.party+" and "+t.party, "handle %s is %d of %s here, %d of %s there",
					handle, f.minor, b.party, own.minor, own.bank)
			}
			booked[t.party+handle]++
		}
	}
	for _, t := range services {
		for handle, c := range t.credits {
			if !c.returned && booked[t.party+handle] != 1 && bankNamed(banks, c.bank) {
				r.find(c.bank+" and "+t.party, "handle %s was booked and no bank moved it once", handle)
			}
		}
	}
}

func serviceNamed(services []tsm, party string) *tsm {
	for i := range services {
		if services[i].party == party {
			return &services[i]
		}
	}
	return nil
}

func bankNamed(banks []bank, party string) bool {
	for _, b := range banks {
		if b.party == party {
			return true
		}
	}
	return false
}
