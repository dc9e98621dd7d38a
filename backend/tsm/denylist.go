package tsm

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/denylist"
	"tapbench/backend/store"
)

// denyListAge is how old the newest deny list becomes: terminals rely on one for days, counted from
// when it was made.
const denyListAge = time.Hour

// denier makes the deny list. What it denies is read from the store each time; of what it has made
// the store keeps the last serial alone, so that a restarted TSM goes on with a higher one.
type denier struct {
	mu     sync.Mutex
	maker  *denylist.Maker // nil until the first list is asked for
	denied []message.Hash  // by the newest list, sorted
}

// DenyList gives what leads a terminal from the list that it has to the newest one, and makes a new
// one first when another set of tokens is to be denied, an epoch has begun, or the newest is an
// hour old.
func (t *TSM) DenyList(
	ctx context.Context, q api.DenyListRequest,
) (api.DenyListResponse, error) {
	t.deny.mu.Lock()
	defer t.deny.mu.Unlock()
	if err := t.refreshDenyList(ctx); err != nil {
		return api.DenyListResponse{}, fmt.Errorf("making a deny list: %w", err)
	}
	return api.DenyListResponse{List: t.deny.maker.Since(q.Have)}, nil
}

// refreshDenyList makes a new list if one is due. A serial is in the store before its list is
// shown.
func (t *TSM) refreshDenyList(ctx context.Context) error {
	d, now := t.deny, t.Now()
	var denied []message.Hash
	err := t.DB.View(ctx, func(tx store.Tx) (err error) {
		denied, err = deniedTokens(ctx, tx, message.EpochAt(now))
		return err
	})
	if err != nil {
		return err
	}
	if d.maker != nil {
		made := d.maker.List().Header()
		age := now.Sub(d.maker.List().Made())
		if made.Epoch == message.EpochAt(now) && age < denyListAge && slices.Equal(denied, d.denied) {
			return nil
		}
	}
	var serial uint32
	err = t.DB.Tx(ctx, func(tx store.Tx) (err error) {
		serial, err = nextSerial(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	maker := d.maker
	if maker == nil {
		maker = denylist.NewMaker(denylist.MakerConfig{
			TSM: t.ID, Key: t.SignKey, Last: serial - 1, Rand: rand.Reader,
		})
	}
	if _, err := maker.Update(denied, now); err != nil {
		return err
	}
	d.maker, d.denied = maker, denied
	return nil
}

// deniedTokens returns the tokens that no terminal may take, sorted: of those that haven't expired
// the closed ones with units that aren't paid, and all of frozen accounts. A reclaimed one has
// expired.
func deniedTokens(
	ctx context.Context, tx store.Tx, now message.Epoch,
) (denied []message.Hash, err error) {
	err = eachRow(ctx, tx, `SELECT tokid FROM tokens
			WHERE state = $1 AND epoch >= $2 AND paid < length
		UNION SELECT tokid FROM frozen JOIN tokens ON tokens.tid = frozen.tid WHERE epoch >= $2
		ORDER BY tokid`,
		func(scan func(...any) error) error {
			var id []byte
			err := scan(&id)
			if err == nil {
				denied = append(denied, message.Hash(id))
			}
			return err
		}, TokenClosed, int64(now))
	if err != nil {
		return nil, fmt.Errorf("reading denied tokens: %w", err)
	}
	return denied, nil
}

// nextSerial takes the next serial of the deny list.
func nextSerial(ctx context.Context, tx store.Tx) (uint32, error) {
	_, err := tx.ExecContext(ctx, `INSERT INTO denylists (id, serial) VALUES (1, 1)
		ON CONFLICT (id) DO UPDATE SET serial = denylists.serial + 1`)
	if err != nil {
		return 0, err
	}
	var serial int64
	err = tx.QueryRowContext(ctx, `SELECT serial FROM denylists WHERE id = 1`).Scan(&serial)
	return uint32(serial), err //nolint:gosec // one more for each list
}
