package entry

import (
	"context"
	"errors"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// Card answers commands: a *pcsc.Session.
type Card interface {
	Exchange(ctx context.Context, c apdu.Command) (apdu.Response, error)
}

// selectNext is P2 of SELECT for the next application of the same name (EMV 4.3 Book 1, 11.3.2).
const selectNext = 0x02

// SelectByName is SELECT of an application or a directory by its name, 5 to 16 bytes.
func SelectByName(name []byte) apdu.Command {
	return apdu.Command{
		CLA: byte(wire.CLAInterindustry), INS: byte(wire.InsSelect), P1: wire.P1SelectByAID,
		Data: name, Ne: apdu.MaxShortNe,
	}
}

// ReadRecord is READ RECORD of one record of a file (EMV 4.3 Book 1, 11.2).
func ReadRecord(sfi, number byte) apdu.Command {
	return apdu.Command{
		CLA: byte(wire.CLAInterindustry), INS: byte(wire.InsReadRecord), P1: number,
		P2: sfi<<3 | 0x04, Ne: apdu.MaxShortNe,
	}
}

// Ask sends a command and returns data and status word, whatever it is. An error is the
// connection's.
func Ask(ctx context.Context, card Card, c apdu.Command) (apdu.Response, error) {
	response, err := card.Exchange(ctx, c)
	if err == nil {
		return response, nil
	}
	if refusal := new(apdu.StatusError); errors.As(err, &refusal) {
		return apdu.Response{SW: refusal.SW}, nil
	}
	return response, err
}

// Normal says whether a command was carried out without reservation: 9000.
func Normal(r apdu.Response) bool { return r.SW == apdu.SWNormal }
