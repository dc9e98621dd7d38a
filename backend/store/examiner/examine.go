package examiner

import (
	"context"
	"errors"
	"fmt"

	_ "modernc.org/sqlite" // the driver
)

// Files says what to examine.
type Files struct {
	Stores []string // of banks and TSMs
	Tills  []string // folders of terminals; none: nobody asks what terminals have
	Told   []Told   // what customers were told; none: nobody asks them
	// Claims are the entries of all terminals' journals of offline claims; nil: nobody asks what
	// terminals claim. Held are the tokens of secure elements: one that isn't there isn't asked.
	Claims []Claimed
	Held   []Held
}

// Examine reads the files of stopped parties and holds them against each other. An error means that
// it couldn't read; what is wrong with what it read is in the report.
func Examine(ctx context.Context, f Files) (Report, error) {
	r := Report{Places: []Place{}, Findings: []Finding{}}
	var banks []bank
	var services []tsm
	for _, path := range f.Stores {
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
		if t.tokens != 0 {
			r.put(PlaceToken, t.tokens)
		}
		if t.loss != 0 {
			r.put(PlaceLoss, -t.loss)
		}
		r.put(PlaceMerchant, t.merchants)
		for _, minor := range t.paidOut {
			r.put(PlacePaidOut, minor)
		}
		r.Payments += t.standing
		r.Reversed += t.reversed
	}
	if err := compareUnits(&r, f, services); err != nil {
		return r, err
	}
	r.close()
	if err := compareTold(&r, f.Told, services); err != nil || len(f.Tills) == 0 {
		return r, err
	}
	tills := make([]till, len(f.Tills))
	for i, folder := range f.Tills {
		var err error
		if tills[i], err = openTill(folder); err != nil {
			return r, err
		}
	}
	if f.Claims != nil {
		if err := compareOffline(&r, tills, f.Told, f.Claims); err != nil {
			return r, err
		}
	}
	return r, compareTills(&r, tills, services)
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
		compareDraws(r, b, services)
		for handle, f := range b.fundings {
			t := serviceNamed(services, f.tsm)
			if t == nil {
				r.put(PlaceUnderWay, f.minor-f.returned)
				continue
			}
			compareFunding(r, b.party, handle, f, t)
			booked[t.party+handle]++
		}
	}
	for _, t := range services {
		for handle, c := range t.credits {
			if booked[t.party+handle] != 1 && bankNamed(banks, c.bank) {
				r.find(c.bank+" and "+t.party, "handle %s was booked and no bank moved it once", handle)
			}
		}
	}
}

// compareFunding holds one funding against its TSM account.
func compareFunding(r *Report, bank, handle string, f funding, t *tsm) {
	both := bank + " and " + t.party
	c, ok := t.credits[handle]
	switch {
	case !ok && !t.waits(bank):
		r.find(both, "%d were moved under handle %s and never booked", f.minor, handle)
	case !ok:
		r.put(PlaceUnderWay, f.minor-f.returned)
	case c.bank != bank || c.minor != f.minor:
		r.find(both, "handle %s is %d of %s here, %d of %s there", handle, f.minor, bank, c.minor, c.bank)
	case f.over && f.returned != c.returned+c.reserved || !f.over && c.returned != 0:
		r.find(both, "of handle %s %d came back here, %d left there", handle, f.returned,
			c.returned+c.reserved)
	case f.over:
		// Until the receipt is booked the TSM still has it reserved: it is the customer's already.
		r.put(PlaceAccount, -c.reserved)
	case c.reserved != 0:
		r.put(PlaceAccount, -c.reserved)
		r.put(PlaceReturning, c.reserved)
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
