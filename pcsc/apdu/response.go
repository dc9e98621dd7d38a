package apdu

import "fmt"

// MaxResponse is the longest R-APDU: 65,536 bytes of data and SW1-SW2.
const MaxResponse = MaxNe + 2

// Response is an R-APDU: data of 0 to 65,536 bytes, then SW1-SW2.
type Response struct {
	Data []byte
	SW   SW
}

// ParseResponse splits an R-APDU of 2 to [MaxResponse] bytes into data and status word. Data
// aliases b. An error wraps [ErrMalformed].
func ParseResponse(b []byte) (Response, error) {
	if len(b) < 2 || len(b) > MaxResponse {
		return Response{}, fmt.Errorf("%w: answer of %d bytes, not 2 to %d",
			ErrMalformed, len(b), MaxResponse)
	}
	n := len(b) - 2
	return Response{Data: b[:n:n], SW: SW(b[n])<<8 | SW(b[n+1])}, nil
}

// AppendTo appends data and SW1-SW2 to dst.
func (r Response) AppendTo(dst []byte) []byte {
	dst = append(dst, r.Data...)
	return append(dst, r.SW.SW1(), r.SW.SW2())
}

// Encode returns data and SW1-SW2 in a new slice.
func (r Response) Encode() []byte {
	return r.AppendTo(make([]byte, 0, len(r.Data)+2))
}
