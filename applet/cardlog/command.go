package cardlog

import (
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"tapbench/pcsc/apdu"
)

// Command logs a command's header and lengths, and the status word, at debug level: never data.
func Command(log zerolog.Logger, command, answer []byte, took time.Duration) {
	event := log.Debug()
	if !event.Enabled() {
		return
	}
	if parsed, err := apdu.ParseCommand(command); err == nil {
		event = event.Hex("header", command[:apdu.MinCommand]).
			Int("lc", len(parsed.Data)).Int("le", parsed.Ne)
	}
	if response, err := apdu.ParseResponse(answer); err == nil {
		event = event.Int("bytes", len(response.Data)).
			Str("sw", fmt.Sprintf("%04X", uint16(response.SW)))
	} else {
		event = event.Bool("torn", true)
	}
	event.Float64("dur_ms", float64(took.Microseconds())/1000).Msg("apdu")
}
