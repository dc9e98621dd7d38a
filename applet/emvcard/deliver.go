package emvcard

import (
	"bytes"

	"tapbench/pcsc/apdu"
)

// deliver makes the answer that the card's transmission protocol wants.
func (c *Card) deliver(parsed apdu.Command, data []byte, sw apdu.SW) apdu.Response {
	if len(data) == 0 {
		return apdu.Response{SW: sw}
	}
	if c.image.T0 {
		return c.deliverT0(parsed, data, sw)
	}
	n := min(len(data), parsed.Ne)
	if rest := data[n:]; len(rest) > 0 {
		c.session.waiting = bytes.Clone(rest)
		if sw == apdu.SWNormal {
			sw = waits(len(rest))
		}
	}
	return apdu.Response{Data: data[:n], SW: sw}
}

// deliverT0 answers as EMV 4.3 Book 1, 9.3.1.1, has it: a command with data gets none back but
// 61xx, or its warning, and GET RESPONSE fetches them; a command without data gets them when its Le
// is their length, else 6Cxx. Of a command with data no Le reaches a card.
func (c *Card) deliverT0(parsed apdu.Command, data []byte, sw apdu.SW) apdu.Response {
	if len(parsed.Data) > 0 {
		c.session.waiting = bytes.Clone(data)
		if sw == apdu.SWNormal {
			sw = waits(len(data))
		}
		return apdu.Response{SW: sw}
	}
	length := min(len(data), apdu.MaxShortNe)
	fetches := parsed.INS == apdu.InsGetResponse
	short := fetches && parsed.Ne > 0 && parsed.Ne < len(data)
	if parsed.Ne != length && !short {
		if fetches {
			c.session.waiting = bytes.Clone(data)
		}
		const wrongLe apdu.SW = 0x6C00
		return apdu.Response{SW: wrongLe | apdu.SW(length&0xFF)}
	}
	if rest := data[parsed.Ne:]; len(rest) > 0 {
		c.session.waiting = bytes.Clone(rest)
		sw = waits(len(rest))
	}
	return apdu.Response{Data: data[:parsed.Ne], SW: sw}
}

// waits is 61xx; 00 stands for 256 and more.
func waits(n int) apdu.SW {
	const bytesRemaining apdu.SW = 0x6100
	if n > 0xFF {
		return bytesRemaining
	}
	return bytesRemaining | apdu.SW(n&0xFF)
}

// getResponse is GET RESPONSE: all that waits, of which the answer gets as much as Le asks.
func (c *Card) getResponse(request, *state) ([]byte, error) {
	waiting := c.session.waiting
	c.session.waiting = nil
	if len(waiting) == 0 {
		return nil, apdu.SWConditionsNotSatisfied
	}
	return waiting, nil
}
