package daemon

import "context"

// StartFailing is Start whose steps can be made to fail, for the tests of its unwinding.
func StartFailing(ctx context.Context, config Config, passed func(step string) error) error {
	d, err := start(ctx, config, passed)
	if d != nil {
		_ = d.Stop()
	}
	return err
}
