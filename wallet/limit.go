package wallet

import (
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
)

// ErrLimit means that a limit isn't one of those that are published. Nothing was asked for: a limit
// of its own would tell this account from all others.
var ErrLimit = errors.New("not a published limit")

// limitFor returns the limit to register with: the one that is asked for, if bank and TSM have
// published it; of 0 the largest that both have published and the account covers.
func limitFor(asked message.Limit, account BankAccount, tsm face) (message.Limit, error) {
	both := slices.Clone(tsm.limits)
	if len(account.Limits) > 0 { // else the wallet was opened before it wrote them down
		both = slices.DeleteFunc(both, func(l uint64) bool {
			return !slices.Contains(account.Limits, l)
		})
	}
	both = slices.DeleteFunc(both, func(l uint64) bool { return l > account.Limit })
	if len(both) == 0 {
		return 0, fmt.Errorf("%w: bank and TSM have none in common", ErrLimit)
	}
	if asked == 0 {
		return message.Limit(slices.Max(both)), nil
	}
	if !slices.Contains(both, uint64(asked)) {
		slices.Sort(both)
		return 0, fmt.Errorf("%w: %d, of bank and TSM: %d", ErrLimit, asked, both)
	}
	return asked, nil
}
