package general

import "context"

// resistRelay is where the exchange of relay resistance data stands: after GET PROCESSING OPTIONS
// and before any record, for a contactless card whose AIP says that it has it (EMV Contactless Book
// C-2 2.6).
func (t *transaction) resistRelay(_ context.Context) error {
	if !t.contactless() || t.out.AIP[1]&aipRelay == 0 {
		return nil
	}
	t.note(bookContactless, "card has relay resistance, which this terminal doesn't use")
	return nil
}
